import { BrokenReplyError } from "./client-error.ts";
import type { Connection } from "./connection.ts";

/** Longest head of a reply that is accepted, in bytes. */
const maxHead = 1 << 18;

/** First byte of a TLS record that carries an alert: what a TLS server says to a request in plain. */
const tlsAlert = 0x15;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export interface RequestHead {
  readonly method: string;
  /** Path and query, ready for the request line. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ReplyHead {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Sends a request; a body of unknown length goes in chunks (RFC 9112, 7.1). */
export async function sendRequest(
  connection: Connection,
  head: RequestHead,
  body: Uint8Array | AsyncIterable<Uint8Array> | undefined,
): Promise<void> {
  const lines = [`${head.method} ${head.target} HTTP/1.1`];
  for (const [name, value] of Object.entries(head.headers)) lines.push(`${name}: ${value}`);
  const streamed = body !== undefined && !(body instanceof Uint8Array);
  if (streamed) lines.push("Transfer-Encoding: chunked");
  else if (body !== undefined || head.method === "POST") lines.push(`Content-Length: ${body?.length ?? 0}`);
  const start = encoder.encode(`${lines.join("\r\n")}\r\n\r\n`);
  if (!streamed) {
    await connection.write(body === undefined ? start : joined(start, body));
    return;
  }
  await connection.write(start);
  for await (const chunk of body) {
    if (chunk.length === 0) continue;
    await connection.write(encoder.encode(`${chunk.length.toString(16)}\r\n`));
    await connection.write(chunk);
    await connection.write(encoder.encode("\r\n"));
  }
  await connection.write(encoder.encode("0\r\n\r\n"));
}

/** Reads status line and headers; what follows stays on the connection. @throws BrokenReplyError */
export async function readHead(connection: Connection): Promise<ReplyHead> {
  for (;;) {
    const text = decoder.decode(await readUntilBlankLine(connection));
    const lines = text.split("\r\n");
    const match = /^HTTP\/1\.[01] (\d{3})/.exec(lines[0] ?? "");
    if (match === null) throw notHttp(lines[0] ?? "");
    const status = Number(match[1]);
    const headers = new Map<string, string>();
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(":");
      if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    if (status !== 100) return { status, headers };
  }
}

/** The body's bytes as they come. @throws BrokenReplyError when it ends before it is whole */
export async function* readBody(connection: Connection, method: string, head: ReplyHead): AsyncGenerator<Uint8Array, void> {
  if (method === "HEAD" || head.status === 204 || head.status === 304) return;
  if ((head.headers.get("transfer-encoding") ?? "").toLowerCase().includes("chunked")) {
    yield* readChunks(connection);
    return;
  }
  const length = head.headers.get("content-length");
  if (length !== undefined) {
    yield* readExactly(connection, Number(length));
    return;
  }
  for (let chunk = await connection.read(); chunk !== undefined; chunk = await connection.read()) yield chunk;
}

/** In the words of Go's net/http and of Docker's client. */
function notHttp(line: string): BrokenReplyError {
  const advice = line.charCodeAt(0) === tlsAlert ? ".\n* Are you trying to connect to a TLS-enabled daemon without TLS?" : "";
  const quoted = JSON.stringify(line).replaceAll(
    /\\u00([0-9a-f]{2})|[^ -~]/g,
    (char, hex?: string) => `\\x${hex ?? char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return new BrokenReplyError(`net/http: HTTP/1.x transport connection broken: malformed HTTP response ${quoted}${advice}`);
}

async function readUntilBlankLine(connection: Connection): Promise<Uint8Array> {
  let held: Uint8Array = new Uint8Array(0);
  for (;;) {
    const chunk = await connection.read();
    if (chunk === undefined) throw new BrokenReplyError(held.length === 0 ? "EOF" : "unexpected EOF");
    held = held.length === 0 ? chunk : joined(held, chunk);
    if (held[0] === tlsAlert) throw notHttp(String.fromCharCode(...held.subarray(0, 64)));
    const end = Buffer.from(held.buffer, held.byteOffset, held.length).indexOf("\r\n\r\n");
    if (end !== -1) {
      connection.unread(held.subarray(end + 4));
      return held.subarray(0, end);
    }
    if (held.length > maxHead) throw new BrokenReplyError("the head of the daemon's reply is too long");
  }
}

async function* readChunks(connection: Connection): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const line = await readLine(connection);
    const size = Number.parseInt(line, 16);
    if (!Number.isSafeInteger(size) || size < 0) throw new BrokenReplyError(`malformed chunk size ${JSON.stringify(line.slice(0, 20))}`);
    if (size === 0) break;
    yield* readExactly(connection, size);
    await readLine(connection);
  }
  while ((await readLine(connection)) !== "");
}

async function* readExactly(connection: Connection, length: number): AsyncGenerator<Uint8Array, void> {
  let left = length;
  while (left > 0) {
    const chunk = await connection.read();
    if (chunk === undefined) throw new BrokenReplyError("unexpected EOF");
    if (chunk.length > left) connection.unread(chunk.subarray(left));
    const part = chunk.length > left ? chunk.subarray(0, left) : chunk;
    left -= part.length;
    yield part;
  }
}

async function readLine(connection: Connection): Promise<string> {
  let line = "";
  for (;;) {
    const chunk = await connection.read();
    if (chunk === undefined) throw new BrokenReplyError("unexpected EOF");
    const end = chunk.indexOf(10);
    if (end !== -1) {
      connection.unread(chunk.subarray(end + 1));
      return (line + decoder.decode(chunk.subarray(0, end))).replace(/\r$/, "");
    }
    line += decoder.decode(chunk);
    if (line.length > maxHead) throw new BrokenReplyError("a line of the daemon's reply is too long");
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
