// Ordinary work through dockerode, with a restart of the daemon in the middle; prints one line of JSON.
import { once } from "node:events";
import { createRequire } from "node:module";
import { PassThrough } from "node:stream";
import { restartDaemon } from "./restart.mjs";

const Docker = createRequire(process.env.CLIENTS)("dockerode");
const docker = new Docker({ socketPath: process.env.DOCKER_HOST.slice("unix://".length) });

async function textOf(stream) {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}

async function pulled(image) {
  const stream = await docker.pull(image);
  const steps = await new Promise((resolve, reject) =>
    docker.modem.followProgress(stream, (error, all) => (error ? reject(error) : resolve(all))),
  );
  return steps.at(-1).status.split(" for ")[0];
}

async function run(command) {
  const output = new PassThrough();
  const [{ StatusCode }, container] = await docker.run("busybox", command, output, { HostConfig: { AutoRemove: false } });
  output.end();
  await container.remove();
  return { code: StatusCode, output: await textOf(output) };
}

/** Both outputs of a multiplexed stream, to its end. */
async function demuxed(stream) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, stdout, stderr);
  stream.on("end", () => (stdout.end(), stderr.end()));
  return await Promise.all([textOf(stdout), textOf(stderr)]);
}

async function execute(container, command, input) {
  const exec = await container.exec({ Cmd: command, AttachStdin: input !== undefined, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin: input !== undefined });
  const texts = demuxed(stream);
  if (input !== undefined) stream.end(input);
  return { texts: await texts, code: (await exec.inspect()).ExitCode };
}

/** A container that says back what it is told, over one hijacked connection. */
async function attach() {
  const container = await docker.createContainer({
    Image: "busybox",
    Cmd: ["cat"],
    OpenStdin: true,
    StdinOnce: true,
    HostConfig: { AutoRemove: true },
  });
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
  const texts = demuxed(stream);
  await container.start();
  stream.end("said");
  return (await texts)[0];
}

const events = await docker.getEvents({ filters: { label: ["by=dockerode"], event: ["start"] } });
const started = once(events, "data");
const container = await docker.createContainer({
  name: "dockerode",
  Image: "busybox",
  Cmd: ["sh", "-c", "echo up; exec sleep 60"],
  Labels: { by: "dockerode" },
});
await container.start();
const followed = await container.logs({ stdout: true, follow: true });
const [firstFrame] = await once(followed, "data");
const before = await container.inspect();
const result = {
  image: await pulled(`${process.env.REGISTRY}/busybox:latest`),
  found: (await docker.getImage("busybox").inspect()).Os,
  run: await run(["sh", "-c", "echo out; exit 3"]),
  attached: await attach(),
  exec: await execute(container, ["sh", "-c", "cat; echo err >&2; exit 4"], "input"),
  event: JSON.parse(String((await started)[0])).Actor.Attributes.name,
  log: firstFrame.subarray(8).toString(),
  stats: (await container.stats({ stream: false })).memory_stats.usage > 0,
  listed: (await docker.listContainers({ filters: { label: ["by=dockerode"] } })).map(({ Names }) => Names),
  networks: (await docker.listNetworks()).map(({ Name }) => Name),
  missing: await docker
    .getContainer("nobody")
    .inspect()
    .catch(({ statusCode, json }) => [statusCode, json.message]),
};
// What it listened to ends with the daemon, in whichever way a broken connection does.
const ended = [events, followed].map(
  (stream) =>
    new Promise((resolve) =>
      stream
        .on("close", resolve)
        .on("error", () => {})
        .resume(),
    ),
);
await restartDaemon();
await Promise.all(ended);
const after = await container.inspect();
result.kept = after.State.Pid === before.State.Pid && after.State.StartedAt === before.State.StartedAt;
result.again = await execute(container, ["echo", "again"]);
const waiting = container.wait();
await container.stop({ t: 0 });
result.waited = (await waiting).StatusCode;
await container.remove();
console.log(JSON.stringify(result));
