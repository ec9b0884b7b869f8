import { pipeline } from "node:stream/promises";
import type { Writable } from "node:stream";
import { createDeflateRaw, createGzip, type Gzip } from "node:zlib";
import { fault } from "#base";
import type { PathStatus } from "#container";
import type { Call, Handlers } from "../call.ts";
import { writeAll } from "../stream-writer.ts";
import { changesView, statView } from "../views/path-status.ts";

/** Files in and out of containers. */
export const fileRoutes: Handlers<
  "containerPathStatus" | "containerReadPath" | "containerWritePath" | "containerExport" | "containerChanges"
> = {
  containerPathStatus: async ({ exchange, params, query, verbs }) => {
    const status = await verbs.containers.lookAt(params["name"] ?? "", pathOf(query));
    exchange.done(200, statHeader(status));
  },
  containerReadPath: readPath,
  containerWritePath: async ({ exchange, params, query, verbs }) => {
    const { noOverwriteDirNonDir: keepKinds, copyUIDGID: asUser } = query;
    const extraction = { archive: exchange.bodyStream(), keepKinds, asUser };
    await verbs.containers.write(params["name"] ?? "", { path: pathOf(query), extraction });
    exchange.done(200);
  },
  containerExport: async ({ exchange, params, verbs }) => {
    const pieces = verbs.containers.export(params["name"] ?? "")[Symbol.asyncIterator]();
    // What is wrong from the start still gets a status.
    const first = await pieces.next();
    const sink = exchange.begin("application/octet-stream");
    if (await give(sink, after(first, pieces))) sink.end();
  },
  containerChanges: async ({ exchange, params, verbs }) => {
    exchange.reply(200, changesView(await verbs.containers.changes(params["name"] ?? "")));
  },
};

async function readPath({ exchange, params, query, verbs }: Call<"containerReadPath">): Promise<void> {
  const { status, bytes } = await verbs.containers.read(params["name"] ?? "", pathOf(query));
  const coding = codingOf(exchange.header("accept-encoding"));
  const sink = exchange.begin("application/x-tar", { ...statHeader(status), ...(coding && { "Content-Encoding": coding.name }) });
  if (coding !== undefined) await pipeline(bytes, coding.open(), sink);
  else if (await give(sink, bytes)) sink.end();
}

/** True when the client has taken all; at the first false write the pieces end. */
async function give(sink: Writable, pieces: AsyncIterable<Uint8Array>): Promise<boolean> {
  for await (const piece of pieces) if (!(await writeAll(sink, piece))) return false;
  return true;
}

async function* after(first: IteratorResult<Uint8Array>, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

interface Coding {
  readonly name: "gzip" | "deflate";
  readonly open: () => Gzip;
}

const codings: readonly Coding[] = [
  { name: "gzip", open: () => createGzip() },
  // Docker's "deflate" is the bare stream, without zlib's frame.
  { name: "deflate", open: () => createDeflateRaw() },
];

function codingOf(accepted: string): Coding | undefined {
  const names = accepted.split(",").map((word) => word.trim());
  return codings.find(({ name }) => names.includes(name));
}

/** @throws invalid, in Docker's words */
function pathOf({ path = "" }: { readonly path: string | undefined }): string {
  if (path === "") throw fault("invalid", "bad parameter: pathcannot be empty");
  return path;
}

function statHeader(status: PathStatus): Readonly<Record<string, string>> {
  return { "X-Docker-Container-Path-Stat": Buffer.from(JSON.stringify(statView(status))).toString("base64") };
}
