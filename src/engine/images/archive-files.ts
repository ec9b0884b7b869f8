// Takes a whole archive in, entry by entry, while it streams: blobs named by their digest go straight into the content store, small
// files stay in memory, everything else (layers of old archives) goes to a spool. What the files mean is decided when all are there.
import { type Compression, compressionOf, type Digest, fault, isDigest, longestMagic, streamOf } from "#base";
import { type ArchiveEntry, ByteSource, entryName, maxArchiveDocument, readArchiveEntries, type SpooledFile } from "#image";
import type { Hold } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";
import { isUsed } from "./sweep.ts";

export type ArchivedFile = { readonly compression: Compression | undefined } & (
  | { readonly kind: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: "blob"; readonly digest: Digest; readonly size: number }
  | { readonly kind: "spooled"; readonly file: SpooledFile }
);

/** Files of an archive; disposing deletes what was spooled. */
export interface ArchiveFiles extends AsyncDisposable {
  /** Follows links inside the archive; undefined when it is not there. */
  find(name: string): ArchivedFile | undefined;
}

/** Files of at most this many bytes are kept in memory. */
const smallFile = 64 * 1024;
/** Bytes of all files in memory together. */
const memoryLimit = 64 * 1024 * 1024;
const blobName = /^blobs\/sha256\/([0-9a-f]{64})$/;

/** Reads an archive to its end. @throws invalid for a broken or unknown one */
export async function takeArchive(
  needs: Pick<ImageNeeds, "catalog" | "content" | "spool" | "inflater" | "users">,
  archive: ReadableStream<Uint8Array>,
  options: { readonly hold: Hold; readonly signal: AbortSignal },
): Promise<ArchiveFiles> {
  await using resources = new AsyncDisposableStack();
  const source = resources.use(new ByteSource(streamOf(needs.inflater.inflate(archive))));
  const files = new Map<string, ArchivedFile>();
  const links = new Map<string, string>();
  const spooled = new AsyncDisposableStack();
  resources.use(spooled);
  let inMemory = 0;
  for await (const entry of readArchiveEntries(source)) {
    options.signal.throwIfAborted();
    if (entry.type === "other") continue;
    const name = entryName(entry.name, "entry name");
    if (files.has(name) || links.has(name)) throw fault("invalid", `archive holds ${JSON.stringify(name)} twice`);
    if (entry.type !== "file") {
      links.set(name, linkTarget(name, entry));
      continue;
    }
    const file = await takeFile(needs, name, entry, options);
    if (file.kind === "spooled") spooled.use(file.file);
    if (file.kind === "bytes") inMemory += file.bytes.length;
    if (inMemory > memoryLimit) throw fault("invalid", `archive holds more than ${memoryLimit} bytes of small files`);
    files.set(name, file);
  }
  const kept = spooled.move();
  return { find: (name) => find(files, links, name), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function takeFile(
  needs: Pick<ImageNeeds, "catalog" | "content" | "spool" | "users">,
  name: string,
  entry: ArchiveEntry,
  { hold, signal }: { readonly hold: Hold; readonly signal: AbortSignal },
): Promise<ArchivedFile> {
  const { content, spool } = needs;
  await using body = new ByteSource(entry.body);
  const compression = compressionOf(await body.peek(longestMagic));
  const hex = blobName.exec(name)?.[1];
  const digest = `sha256:${hex ?? ""}`;
  if (isDigest(digest)) {
    await hold.take("blob", digest);
    const isLasting = isUsed(needs, { kind: "blob", digest });
    await content.ingest({ digest, size: entry.size }, body.remainder(), { signal, isLasting });
    return { kind: "blob", compression, digest, size: entry.size };
  }
  const isDocument = name.endsWith(".json") && entry.size <= maxArchiveDocument;
  if (!isDocument && entry.size > smallFile) return { kind: "spooled", compression, file: await spool.add(body.remainder(), { signal }) };
  return { kind: "bytes", compression, bytes: await body.exactly(entry.size) };
}

function linkTarget(name: string, entry: ArchiveEntry): string {
  if (entry.type === "link") return entryName(entry.linkName, "link");
  const parts = name.split("/").slice(0, -1);
  for (const part of entry.linkName.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) throw fault("invalid", `link ${JSON.stringify(name)} leaves the archive`);
    } else if (part !== "." && part !== "") parts.push(part);
  }
  if (entry.linkName.startsWith("/")) throw fault("invalid", `link ${JSON.stringify(name)} leaves the archive`);
  return entryName(parts.join("/"), "link");
}

function find(files: ReadonlyMap<string, ArchivedFile>, links: ReadonlyMap<string, string>, name: string): ArchivedFile | undefined {
  const target = links.get(name);
  return files.get(target ?? name);
}
