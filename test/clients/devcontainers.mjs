// `devcontainer up` and `exec` in a folder of its own, with a restart of the daemon in the middle; prints one line of JSON.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { restartDaemon } from "./restart.mjs";

const folder = process.env.WORKSPACE;
mkdirSync(join(folder, ".devcontainer"), { recursive: true });
const description = { image: "busybox", updateRemoteUserUID: false, postCreateCommand: "echo made >made-inside" };
writeFileSync(join(folder, ".devcontainer/devcontainer.json"), JSON.stringify(description));

// It starts `docker events` and `docker run` in one breath and waits for ever when the container is started before its events are asked for,
// which an engine that starts in 50 ms on a busy machine may well do. So here the container waits for the listener.
const docker = join(folder, "docker");
const listens = `[ "$("$DOCKER" info --format '{{.NEventsListener}}')" -gt 0 ]`;
writeFileSync(docker, `#!/bin/sh\n[ "$1" != run ] || until ${listens}; do :; done\nexec "$DOCKER" "$@"\n`, { mode: 0o755 });

function devcontainer(...args) {
  const program = join(process.env.CLIENTS, "node_modules/.bin/devcontainer");
  const place = ["--docker-path", docker, "--workspace-folder", folder];
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
