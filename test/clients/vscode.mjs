// The command lines of VS Code's container extension, read as it reads them; prints one line of JSON.
import Module, { createRequire } from "node:module";

// The editor gives its extensions this module; of it only two lists of numbers are used.
const editor = { ShellQuoting: { Escape: 1, Strong: 2, Weak: 3 }, FileType: { Unknown: 0, File: 1, Directory: 2, SymbolicLink: 64 } };
const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? editor : load(name, ...rest));

const { DockerClient, ShellStreamCommandRunnerFactory } = createRequire(process.env.CLIENTS)("@microsoft/vscode-container-client");
const client = new DockerClient(process.env.DOCKER);
const run = new ShellStreamCommandRunnerFactory({ strict: true }).getCommandRunner();

await run(client.checkInstall({}));
const { client: version, server } = await run(client.version({}));
const id = await run(
  client.runContainer({ imageRef: "busybox", name: "code", detached: true, labels: { by: "code" }, command: ["sleep", "60"] }),
);
const [listed] = await run(client.listContainers({ all: true, labels: { by: "code" } }));
const [inspected] = await run(client.inspectContainers({ containers: ["code"] }));
const images = await run(client.listImages({}));
const [image] = await run(client.inspectImages({ imageRefs: ["busybox"] }));
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
    removed,
  }),
);
