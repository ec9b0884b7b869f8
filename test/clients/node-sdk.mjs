// Ordinary work through @docker/node-sdk, with a restart of the daemon in the middle; prints one line of JSON.
import { createRequire } from "node:module";
import { PassThrough } from "node:stream";
import { restartDaemon } from "./restart.mjs";

const { DockerClient, NotFoundError } = createRequire(process.env.CLIENTS)("@docker/node-sdk");
const docker = await DockerClient.fromDockerHost(process.env.DOCKER_HOST);

/** What `work` writes to two streams. */
async function written(work) {
  const streams = [new PassThrough(), new PassThrough()];
  const texts = Promise.all(streams.map((stream) => stream.setEncoding("utf8").toArray()));
  await work(...streams);
  for (const stream of streams) stream.end();
  return (await texts).map((chunks) => chunks.join(""));
}

const pulled = await docker.imageCreate({ fromImage: `${process.env.REGISTRY}/busybox`, tag: "latest" }).wait();
const { Id } = await docker.containerCreate(
  { Image: "busybox", Cmd: ["sh", "-c", "echo up; exec sleep 60"], Labels: { by: "sdk" } },
  { name: "sdk" },
);
await docker.containerStart(Id);
const exec = await docker.containerExec(Id, {
  Cmd: ["sh", "-c", "echo out; echo err >&2; exit 4"],
  AttachStdout: true,
  AttachStderr: true,
});
const result = {
  pulled: typeof pulled,
  exec: await written((stdout, stderr) => docker.execStart(exec.Id, stdout, stderr)),
  code: (await docker.execInspect(exec.Id)).ExitCode,
  listed: (await docker.containerList()).map(({ Names }) => Names),
  logs: await written((stdout, stderr) => docker.containerLogs(Id, stdout, stderr, { stdout: true, stderr: true })),
  missing: await docker.containerInspect("nobody").catch((error) => error === NotFoundError || error instanceof NotFoundError),
};
const { State: before } = await docker.containerInspect(Id);
await restartDaemon();
const { State: after } = await docker.containerInspect(Id);
const again = await docker.containerExec(Id, { Cmd: ["echo", "again"], AttachStdout: true, AttachStderr: true });
result.kept = [after.Status, after.Pid === before.Pid, (await written((stdout, stderr) => docker.execStart(again.Id, stdout, stderr)))[0]];
await docker.containerStop(Id, { timeout: 0 });
result.waited = (await docker.containerWait(Id)).StatusCode;
await docker.containerDelete(Id);
await docker.close();
console.log(JSON.stringify(result));
