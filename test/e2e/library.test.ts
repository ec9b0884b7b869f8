// The packed library as a program uses it, under Bun and under Node, against a real daemon.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectSocket, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type TlsOptions } from "node:tls";
import { certificateFolder } from "../support/certificates.ts";
import { run, succeed } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { commandFor, examplesIn, installLibrary, libraryExamples } from "../support/library-examples.ts";
import { type EnclosedRegistry, startEnclosedRegistry } from "../support/starter-registry.ts";
import { builtProgram, projectRoot, stockClient } from "../support/tools.ts";

const folder = mkdtempSync(join(tmpdir(), "gantry-library-"));
let files: string[];
let daemon: TestDaemon;
let registry: EnclosedRegistry;

beforeAll(async () => {
  files = await installLibrary(folder);
  daemon = await startDaemon({ enclosed: true });
  if (daemon.enclosure === undefined) throw new Error("the daemon has no enclosure");
  registry = await startEnclosedRegistry(daemon.enclosure);
  await loadImage(daemon.place.socket, "busybox");
}, 60_000);

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const runtimes = ["bun", "node"] as const;
const examples = libraryExamples();

describe.each(runtimes)("docs/library.md under %s", (runtime) => {
  test.each(examples.map((example, at) => [`${at + 1}: ${example.title}`, example] as const))("%s", async (_, { code, output }) => {
    const real = code.replaceAll("registry.example", registry.host);
    const { code: exit, stdout, stderr } = await daemon.run(await commandFor(runtime, folder, real), { patience: 30_000 });
    expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: output ?? stdout, stderr: "" });
  });
});

test("examplesIn() takes every block with what it prints", () => {
  const text = "# A\n\n```ts\na;\n```\n\n```text\nout\n```\n\n## B\n\n```sh\nno\n```\n\n```js\nb;\n```\n\ntext\n";
  expect(examplesIn(text)).toEqual([
    { title: "A", code: "a;\n", output: "out\n" },
    { title: "B", code: "b;\n", output: undefined },
  ]);
  expect(examples.length).toBeGreaterThanOrEqual(6);
});

describe("the package", () => {
  test("holds the library, its types and its page, and nothing of the engine", () => {
    const foreign = files.filter(
      (path) =>
        !/^(dist\/lib\/(index\.js|(base|client|library|wire)\/.*\.d\.ts)|docs\/library\.md|LICENSE|README\.md|package\.json)$/.test(path),
    );
    expect({ foreign, whole: files.includes("dist/lib/index.js") }).toEqual({ foreign: [], whole: true });
  });

  test("has types by which a consumer's strict compiler takes every example and refuses a number for a command", async () => {
    const options = {
      target: "ESNext",
      module: "NodeNext",
      moduleResolution: "NodeNext",
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    };
    const typeRoots = [join(projectRoot, "node_modules/@types")];
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...options, types: ["node"], typeRoots }, files: ["all.mts", "wrong.mts"] }),
    );
    writeFileSync(join(folder, "wrong.mts"), 'import { connect } from "gantry";\nawait (await connect()).run("x", 5);\n');
    const bodies = examples.map(({ code }) => `{\n${code.replace(/^import .*$/m, "")}\n}\n`).join("");
    const names = "connect, ConflictError, DaemonError, NotFoundError, UnreachableError";
    writeFileSync(join(folder, "all.mts"), `import { ${names} } from "gantry";\n${bodies}`);
    const checked = await run([process.execPath, "--bun", join(projectRoot, "node_modules/.bin/tsc"), "-p", "tsconfig.json"], {
      cwd: folder,
    });
    expect(checked.stdout.trim().split("\n")).toEqual([expect.stringMatching(/^wrong\.mts\(2,\d+\): error TS2345: /)]);
  }, 30_000);
});

test.each(runtimes)("under %s, TLS carries a program's input and its end, and contexts and the environment lead there", async (runtime) => {
  using certificates = certificateFolder();
  const authority = await certificates.authority("authority");
  const server = await certificates.issue("server", { by: authority, names: "IP:127.0.0.1" });
  const options: TlsOptions & { readonly allowHalfOpen?: boolean | undefined } = {
    key: server.key,
    cert: server.cert,
    allowHalfOpen: true,
  };
  const sockets: Socket[] = [];
  const listener = createServer(options, (near) => {
    const far = connectSocket({ path: daemon.place.socket, allowHalfOpen: true });
    sockets.push(near, far);
    for (const socket of [near, far]) socket.on("error", () => socket.destroy());
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const port = typeof address === "object" ? address?.port : 0;
  const code = `
    import { connect } from "gantry";
    const tls = { ca: ${JSON.stringify(authority.cert)} };
    const engine = await connect({ host: "tcp://127.0.0.1:${port}", tls });
    const { exitCode, stdout } = await engine.output("busybox", ["wc", "-c"], { input: "x".repeat(1_000_000) });
    const refused = await connect({ host: "tcp://127.0.0.1:${port}", tls: {} }).catch((error) => error.reason);
    console.log(exitCode, stdout.trim(), refused);`;
  const shown = await succeed(await commandFor(runtime, folder, code));
  expect(shown).toBe("0 1000000 tls: failed to verify certificate: x509: certificate signed by unknown authority\n");
  const paths = { DOCKER_CERT_PATH: join(certificates.folder, "client"), DOCKER_CONFIG: join(certificates.folder, runtime) };
  mkdirSync(paths.DOCKER_CERT_PATH);
  for (const [name, text] of [
    ["ca", authority.cert],
    ["cert", server.cert],
    ["key", server.key],
  ] as const) {
    writeFileSync(join(paths.DOCKER_CERT_PATH, `${name}.pem`), text);
  }
  const far = `host=tcp://127.0.0.1:${port},ca=${authority.certFile}`;
  const contexts = [
    ["here", `host=${daemon.host}`],
    ["far", far],
  ] as const;
  const noHost = { ...paths, DOCKER_HOST: "" };
  for (const [name, docker] of contexts) await succeed([stockClient(), "context", "create", name, "--docker", docker], { env: noHost });
  await succeed([stockClient(), "context", "use", "here"], { env: noHost });
  const where = await commandFor(
    runtime,
    folder,
    'import { connect } from "gantry"; console.log((await connect()).host, (await connect({ context: "far" })).host);',
  );
  const tcp = `tcp://127.0.0.1:${port}`;
  expect(await succeed(where, { env: noHost })).toBe(`${daemon.host} ${tcp}\n`);
  expect(await succeed(where, { env: { ...noHost, DOCKER_CONTEXT: "far" } })).toBe(`${tcp} ${tcp}\n`);
  expect(await succeed(where, { env: { ...paths, DOCKER_HOST: tcp, DOCKER_TLS_VERIFY: "1" } })).toBe(`${tcp} ${tcp}\n`);
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => listener.close(resolve));
});

test.each(runtimes)("under %s, ssh carries a program's input and its end, and keeps no process alive", async (runtime) => {
  const programs = join(folder, "programs");
  mkdirSync(programs, { recursive: true });
  // In place of ssh, which would need a server: what that server would run.
  const far = `#!/bin/sh\necho "$*" >>${folder}/ssh-arguments\nexec ${builtProgram("gantry")} -H ${daemon.host} system dial-stdio\n`;
  writeFileSync(join(programs, "ssh"), far, { mode: 0o755 });
  const code = `
    import { connect } from "gantry";
    const engine = await connect({ host: "ssh://me@far:22" });
    const { exitCode, stdout } = await engine.output("busybox", ["wc", "-c"], { input: "x".repeat(1_000_000) });
    console.log(exitCode, stdout.trim(), engine.host);`;
  const shown = await succeed(await commandFor(runtime, folder, code), {
    env: { PATH: `${programs}:${process.env["PATH"]}` },
    patience: 20_000,
  });
  expect(shown).toBe("0 1000000 ssh://me@far:22\n");
  expect(readFileSync(join(folder, "ssh-arguments"), "utf8")).toStartWith(
    "-o ConnectTimeout=30 -T -l me -p 22 -- far docker system dial-stdio\n",
  );
});
