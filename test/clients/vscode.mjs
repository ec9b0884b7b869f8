// The command lines of VS Code's container extension, read as it reads them, with a restart of the daemon in the middle; prints one line of JSON.
import Module, { createRequire } from "node:module";
import { restartDaemon } from "./restart.mjs";

// The editor gives its extensions this module; of it only two lists of numbers are used.
const editor = { ShellQuoting: { Escape: 1, Strong: 2, Weak: 3 }, FileType: { Unknown: 0, File: 1, Directory: 2, SymbolicLink: 64 } };
const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? editor : load(name, ...rest));

const { DockerClient, ShellStreamCommandRunnerFactory } = createRequire(process.env.CLIENTS)("@microsoft/vscode-container-client");
const client = new DockerClient(process.env.DOCKER);
const runners = new ShellStreamCommandRunnerFactory({ strict: true });
const run = runners.getCommandRunner();

/** What a command streams, piece by piece, to its end. */
async function piecesOf(call) {
  const pieces = [];
  for await (const piece of runners.getStreamingCommandRunner()(call)) pieces.push(piece);
  return pieces;
}

await run(client.checkInstall({}));
const { client: version, server } = await run(client.version({}));
const id = await run(
  client.runContainer({
    imageRef: "busybox",
    name: "code",
    detached: true,
    labels: { by: "code" },
    command: ["sh", "-c", "echo up; exec sleep 60"],
  }),
);
const [listed] = await run(client.listContainers({ all: true, labels: { by: "code" } }));
const [inspected] = await run(client.inspectContainers({ containers: ["code"] }));
const images = await run(client.listImages({}));
const [image] = await run(client.inspectImages({ imageRefs: ["busybox"] }));
const { osType } = await run(client.info({}));
const contexts = await run(client.listContexts({}));
const networks = await run(client.listNetworks({}));
const [network] = await run(client.inspectNetworks({ networks: ["bridge"] }));
const logs = (await piecesOf(client.logsForContainer({ container: "code" }))).join("");
await restartDaemon();
const [after] = await run(client.inspectContainers({ containers: ["code"] }));
const until = Math.ceil(Date.now() / 1000);
const events = await piecesOf(client.getEventStream({ since: 1, until, labels: { by: "code" }, types: ["container"], events: ["start"] }));
await run(client.stopContainers({ container: ["code"], time: 0 }));
await run(client.startContainers({ container: ["code"] }));
await run(client.restartContainers({ container: ["code"], time: 0 }));
const removed = await run(client.removeContainers({ containers: ["code"], force: true }));
console.log(
  JSON.stringify({
    versions: [version, server].every((text) => text.length > 0),
    same: listed.id === id.trim() && inspected.id === id.trim(),
    listed: [listed.name, listed.image.image, listed.state, listed.labels.by],
    inspected: [inspected.name, inspected.status, inspected.labels.by, inspected.environmentVariables.PATH.includes("/bin")],
    image: images.some(({ image: { image: name } }) => name === "busybox") && image.operatingSystem === "linux",
    system: osType,
    contexts: contexts.map(({ name, current }) => [name, current]),
    networks: networks.map(({ name }) => name).toSorted(),
    subnet: network.ipam.config.length,
    logs,
    kept: [after.status, after.startedAt.getTime() === inspected.startedAt.getTime()],
    events: events.length > 0 && events.every(({ type, action }) => type === "container" && action === "start"),
    removed,
  }),
);
