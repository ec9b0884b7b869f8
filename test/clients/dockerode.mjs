// Ordinary work through dockerode; prints one line of JSON.
import { createRequire } from "node:module";
import { PassThrough } from "node:stream";

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
  return steps.at(-1).status;
}

async function run(command) {
  const output = new PassThrough();
  const [{ StatusCode }, container] = await docker.run("busybox", command, output, { HostConfig: { AutoRemove: false } });
  output.end();
  await container.remove();
  return { code: StatusCode, output: await textOf(output) };
}

async function execute(container, command) {
  const exec = await container.exec({ Cmd: command, AttachStdin: true, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin: true });
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, stdout, stderr);
  stream.on("end", () => (stdout.end(), stderr.end()));
  stream.end("input");
  const texts = await Promise.all([textOf(stdout), textOf(stderr)]);
  return { code: (await exec.inspect()).ExitCode, texts };
}

const image = await pulled(`${process.env.REGISTRY}/busybox:latest`);
const container = await docker.createContainer({
  name: "dockerode",
  Image: "busybox",
  Cmd: ["sh", "-c", "echo up; exec sleep 60"],
  Labels: { by: "dockerode" },
});
await container.start();
const result = {
  image: image.split(" for ")[0],
  run: await run(["sh", "-c", "echo out; exit 3"]),
  exec: await execute(container, ["sh", "-c", "cat; echo err >&2; exit 4"]),
  listed: (await docker.listContainers({ filters: { label: ["by=dockerode"] } })).map(({ Names }) => Names),
  logs: (await container.logs({ stdout: true })).subarray(8).toString(),
  missing: await docker
    .getContainer("nobody")
    .inspect()
    .catch(({ statusCode, json }) => [statusCode, json.message]),
};
await container.stop({ t: 0 });
await container.remove();
console.log(JSON.stringify(result));
