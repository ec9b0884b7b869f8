// TLS and commands against real servers and real programs; plain sockets are met by transport.test.ts.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { createServer as createPlainServer, type Server, type Socket } from "node:net";
import { createServer, type TlsOptions } from "node:tls";
import { join } from "node:path";
import { isAlive } from "../../test/support/processes.ts";
import { waitFor } from "../../test/support/wait-for.ts";
import { certificateFolder, type Certificate, type CertificateFolder } from "../../test/support/certificates.ts";
import { InvalidRequestError } from "./client-error.ts";
import { DockerClient } from "./docker-client.ts";
import type { Endpoint, TlsSettings } from "./endpoint.ts";

let folder: CertificateFolder;
let authority: Certificate;
let server: Certificate;
let mine: Certificate;
let foreign: Certificate;

beforeAll(async () => {
  folder = certificateFolder();
  const other = await folder.authority("other");
  authority = await folder.authority("authority");
  server = await folder.issue("server", { by: authority, names: "DNS:localhost" });
  mine = await folder.issue("mine", { by: authority });
  foreign = await folder.issue("foreign", { by: other });
});

afterAll(() => folder[Symbol.dispose]());

const empty = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]";

/** Answers an upgrade by saying, after the peer's end, how many bytes came; anything else by an empty list. */
function answer(socket: Socket): void {
  let received: number | undefined;
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.end(`${received ?? 0} bytes`));
  socket.on("data", (chunk: Buffer) => {
    if (received !== undefined) received += chunk.length;
    else if (chunk.toString("latin1").startsWith("GET")) socket.write(empty);
    else {
      socket.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n");
      received = chunk.length - chunk.indexOf("\r\n\r\n") - 4;
    }
  });
}

interface Listening extends AsyncDisposable {
  readonly port: number;
}

async function listening(made: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  made.on("connection", (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  const address = made.address();
  const end = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => made.close(resolve));
  };
  return { port: typeof address === "object" ? (address?.port ?? 0) : 0, [Symbol.asyncDispose]: end };
}

function tlsServer(options: TlsOptions = {}): Promise<Listening> {
  // Node's types have forgotten `allowHalfOpen`.
  const whole: TlsOptions & { readonly allowHalfOpen?: boolean | undefined } = {
    key: server.key,
    cert: server.cert,
    allowHalfOpen: true,
    ...options,
  };
  const made = createServer(whole, answer);
  made.on("tlsClientError", () => undefined);
  return listening(made);
}

function tcp(port: number, tls?: TlsSettings): Endpoint {
  return { kind: "tcp", hostname: "127.0.0.1", port, address: `tcp://127.0.0.1:${port}`, ...(tls && { tls }) };
}

const failureOf = async (endpoint: Endpoint): Promise<string> => {
  using docker = new DockerClient({ endpoint });
  const failure: unknown = await docker.containers.list().catch((error: unknown) => error);
  return failure instanceof Error ? failure.message.replaceAll(/:\d{4,5}\b/g, ":PORT") : JSON.stringify(failure);
};

const get = (scheme: string): string => `error during connect: Get "${scheme}://127.0.0.1:PORT/v1.51/containers/json": `;

describe("a TLS endpoint", () => {
  const settings = (): TlsSettings => ({ ca: authority.cert, verify: true, serverName: "localhost" });

  test("answers, and reads on after our side has ended", async () => {
    await using listener = await tlsServer();
    using docker = new DockerClient({ endpoint: tcp(listener.port, settings()) });
    expect(await docker.containers.list()).toEqual([]);
    const stream = await docker.containers.attach("x", { stdin: true });
    await stream.connection.write(new Uint8Array(3_000_000));
    stream.connection.endWrite();
    let text = "";
    for await (const chunk of stream.output) text += new TextDecoder().decode(chunk);
    expect(text).toBe("3000000 bytes");
  });

  test("shows its own certificate to a daemon that asks", async () => {
    await using listener = await tlsServer({ requestCert: true, ca: authority.cert });
    using docker = new DockerClient({ endpoint: tcp(listener.port, { ...settings(), cert: mine.cert, key: mine.key }) });
    expect(await docker.containers.list()).toEqual([]);
  });

  test("takes any certificate when it is told not to verify", async () => {
    await using listener = await tlsServer();
    using docker = new DockerClient({ endpoint: tcp(listener.port, { verify: false }) });
    expect(await docker.containers.list()).toEqual([]);
  });

  const x509 = "tls: failed to verify certificate: x509: ";
  test.each<readonly [string, string, () => Partial<TlsSettings>]>([
    ["an unknown authority", `${x509}certificate signed by unknown authority`, () => ({ ca: foreign.cert })],
    ["a certificate for another name", `${x509}certificate is valid for localhost, not elsewhere`, () => ({ serverName: "elsewhere" })],
    [
      "a certificate for no address",
      `${x509}cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs`,
      () => ({ serverName: "127.0.0.1" }),
    ],
    ["another's key", "tls: private key does not match public key", () => ({ cert: mine.cert, key: foreign.key })],
  ])("refuses %s in Docker's words", async (_, words, changes) => {
    await using listener = await tlsServer();
    expect(await failureOf(tcp(listener.port, { ...settings(), ...changes() }))).toBe(get("https") + words);
  });

  test("tells the alert of a daemon that wants to know who we are", async () => {
    await using modern = await tlsServer({ requestCert: true, ca: authority.cert });
    await using old = await tlsServer({ requestCert: true, ca: authority.cert, maxVersion: "TLSv1.2" });
    await using ancient = await tlsServer({ minVersion: "TLSv1", maxVersion: "TLSv1.1" });
    const words = await Promise.all([modern, old, ancient].map(({ port }) => failureOf(tcp(port, settings()))));
    expect(words).toEqual([
      `${get("https")}remote error: tls: certificate required`,
      expect.stringMatching(/remote error: tls: (handshake failure|certificate required)$/),
      `${get("https")}remote error: tls: protocol version not supported`,
    ]);
  });

  test("says which side speaks TLS and which does not", async () => {
    await using plain = await listening(createPlainServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")));
    await using alerting = await listening(createPlainServer((socket) => socket.end(new Uint8Array([0x15, 3, 3, 0, 2, 2, 0x50]))));
    expect(await failureOf(tcp(plain.port, settings()))).toBe(`${get("https")}http: server gave HTTP response to HTTPS client`);
    expect(await failureOf(tcp(alerting.port))).toBe(
      `${get("http")}net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x15\\x03\\x03\\x00\\x02\\x02P".\n` +
        "* Are you trying to connect to a TLS-enabled daemon without TLS?",
    );
  });

  test("ends with the signal while the other side keeps silent", async () => {
    await using silent = await listening(createPlainServer(() => undefined));
    using docker = new DockerClient({ endpoint: tcp(silent.port, settings()) });
    const ended = new AbortController();
    const listing = docker.endingWith(ended.signal).containers.list();
    ended.abort(new Error("enough"));
    expect(await listing.catch((error: unknown) => error)).toEqual(new Error("enough"));
  });

  test("gives the words of a daemon that speaks TLS only", async () => {
    const words = "Client sent an HTTP request to an HTTPS server.\n";
    await using listener = await listening(createPlainServer((socket) => socket.end(`HTTP/1.0 400 Bad Request\r\n\r\n${words}`)));
    using docker = new DockerClient({ endpoint: tcp(listener.port) });
    const failure: unknown = await docker.containers.list().catch((error: unknown) => error);
    expect(failure).toEqual(new InvalidRequestError(400, words.trim()));
  });
});

describe("a command endpoint", () => {
  const command = (script: string): Endpoint => ({ kind: "command", argv: ["sh", "-c", script, "far"], address: "ssh://far" });

  test("carries requests over stdin and stdout, the end of our side too", async () => {
    await using listener = await listening(createPlainServer({ allowHalfOpen: true }, answer));
    const bridge = `
      const socket = await Bun.connect({ hostname: "127.0.0.1", port: ${listener.port}, allowHalfOpen: true, socket: {
        data: (_, bytes) => { process.stdout.write(bytes); }, end: () => process.exit(0), close: () => process.exit(0) } });
      for await (const bytes of Bun.stdin.stream()) for (let at = 0; at < bytes.length; await Bun.sleep(0)) at += socket.write(bytes.subarray(at));
      socket.shutdown();`;
    const endpoint: Endpoint = { kind: "command", argv: [process.execPath, "-e", bridge], address: "ssh://far" };
    using docker = new DockerClient({ endpoint });
    expect(await docker.containers.list()).toEqual([]);
    const stream = await docker.containers.attach("x", { stdin: true });
    await stream.connection.write(new Uint8Array(300_000));
    stream.connection.endWrite();
    let text = "";
    for await (const chunk of stream.output) text += new TextDecoder().decode(chunk);
    expect(text).toBe("300000 bytes");
  });

  test("tells what a command that fails has said", async () => {
    expect(await failureOf(command("cat >/dev/null & echo Connection refused >&2; exit 255"))).toBe(
      'error during connect: Get "http://docker.example.com/v1.51/containers/json": command [sh -c cat >/dev/null & echo Connection refused >&2; ' +
        "exit 255 far] has exited with exit status 255, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: " +
        "stderr=Connection refused\n",
    );
  });

  test("names a program that is not there", async () => {
    expect(await failureOf({ kind: "command", argv: ["gantry-no-such-program"], address: "ssh://far" })).toBe(
      'error during connect: Get "http://docker.example.com/v1.51/containers/json": exec: "gantry-no-such-program": executable file not found in $PATH',
    );
  });

  test("ends the program with the client", async () => {
    const pidFile = join(folder.folder, "pid");
    const docker = new DockerClient({
      endpoint: command(`echo $$ >${pidFile}; printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n[]'; exec sleep 60`),
    });
    expect(await docker.containers.list()).toEqual([]);
    const pid = Number(readFileSync(pidFile, "utf8"));
    expect(isAlive(pid)).toBe(true);
    docker[Symbol.dispose]();
    await waitFor(() => !isAlive(pid), { what: "end of the command" });
  });
});
