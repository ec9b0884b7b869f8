// `devcontainer up` and `exec` in a folder of its own, with a restart of the daemon in the middle; prints one line of JSON.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { restartDaemon } from "./restart.mjs";

const folder = process.env.WORKSPACE;
mkdirSync(join(folder, ".devcontainer"), { recursive: true });
const description = { image: "busybox", updateRemoteUserUID: false, postCreateCommand: "echo made >made-inside" };
writeFileSync(join(folder, ".devcontainer/devcontainer.json"), JSON.stringify(description));

function devcontainer(...args) {
  const program = join(process.env.CLIENTS, "node_modules/.bin/devcontainer");
  const place = ["--docker-path", process.env.DOCKER, "--workspace-folder", folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, args[0], ...place, ...args.slice(1)], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
  return stdout;
}

const { outcome, containerId, remoteWorkspaceFolder } = JSON.parse(devcontainer("up"));
await restartDaemon();
const again = JSON.parse(devcontainer("up"));
console.log(
  JSON.stringify({
    outcome,
    remoteWorkspaceFolder,
    same: again.containerId === containerId,
    text: devcontainer("exec", "cat", "made-inside"),
  }),
);
