// Stands in for a daemon that is killed: makes one container that writes numbered lines, says where it is, and waits for its end.
import { closeFd, socketPair } from "#linux";
import { RuntimeHost } from "./runtime-host.ts";

const [preferred, script] = process.argv.slice(2);
const host = await RuntimeHost.open(preferred === "runc" ? "runc" : "crun");
const [kept, other] = socketPair();
const { id, process: init } = await host.create({ command: ["/bin/sh", "-c", script ?? "true"], openStdin: true }, { keep: [kept, other] });
closeFd(kept);
const attachment = await init.attach();
await host.runtime.start(id);
const facts = { folder: host.folder, cgroupParent: host.options.cgroupParent, id, pid: init.pid, monitorPid: init.monitorPid };
process.stdout.write(`${JSON.stringify(facts)}\n`);
for await (const _ of attachment.output) continue;
