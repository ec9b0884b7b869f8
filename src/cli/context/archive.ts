// A context as one file: a tar (or, read only, a zip) of meta.json and tls/<endpoint>/<file>. It comes from a stranger: everything is read
// into memory and checked first, and names become paths only after they were found to be plain.
import { EngineError } from "#base";
import { byteStringOfText, TarDecoder, tarEnd, tarHeader, tarPadding, type TarEntry } from "#image";
import type { WholeContext } from "./read-context.ts";
import { contextFile, type TlsFiles } from "./store.ts";
import { isZip, readZip } from "./zip.ts";

/** Bytes that an archive, and what it holds, may have. */
export const maxArchive = 10 * 1024 * 1024;

/** One file of an archive. */
export interface ArchivedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function contextArchive({ file, tls }: WholeContext): Uint8Array {
  const parts: Uint8Array[] = [];
  const add = (name: string, bytes: Uint8Array, mode: number): void => {
    parts.push(tarHeader({ type: "file", name: byteStringOfText(name), size: bytes.length, mode }), bytes, tarPadding(bytes.length));
  };
  const addFolder = (name: string): void => void parts.push(tarHeader({ type: "directory", name: byteStringOfText(name), mode: 0o700 }));
  add("meta.json", new TextEncoder().encode(JSON.stringify(file)), 0o644);
  addFolder("tls");
  for (const [endpoint, files] of Object.entries(tls)) {
    addFolder(`tls/${endpoint}`);
    for (const [name, bytes] of Object.entries(files)) add(`tls/${endpoint}/${name}`, bytes, 0o600);
  }
  return Buffer.concat([...parts, tarEnd()]);
}

/** @throws Error, in Docker's words where Docker refuses it too, and nothing was written */
export function readContextArchive(archive: Uint8Array): WholeContext {
  let meta: Uint8Array | undefined;
  const tls: Record<string, Record<string, Uint8Array>> = {};
  for (const { name, bytes } of isZip(archive) ? readZip(archive, maxArchive) : readTar(archive)) {
    if (name === "meta.json") {
      meta = bytes;
      continue;
    }
    const [endpoint, file] = tlsPath(name);
    (tls[endpoint] ??= {})[file] = bytes;
  }
  if (meta === undefined) throw new Error("invalid context: no metadata found");
  return { file: contextFile(JSON.parse(new TextDecoder().decode(meta))), tls: tls satisfies Record<string, TlsFiles> };
}

/** "tls/docker/ca.pem" as its two names, none of which can lead elsewhere. */
function tlsPath(name: string): [endpoint: string, file: string] {
  if (!name.startsWith("tls/")) throw new Error(`${name}: unexpected context file`);
  const parts = name.slice("tls/".length).split("/");
  if (parts.some((part) => part === "" || part === "." || part === "..")) throw new Error(`${name}: unexpected path format`);
  const [endpoint, file, ...deeper] = parts;
  if (endpoint === undefined || file === undefined || deeper.length > 0) throw new Error("archive format is invalid");
  return [endpoint, file];
}

function readTar(archive: Uint8Array): readonly ArchivedFile[] {
  const files: { name: string; bytes: Uint8Array }[] = [];
  let current: TarEntry | undefined;
  const decoder = new TarDecoder({
    entry: (entry) => {
      current = entry;
      const name = textOf(entry.name);
      if (entry.type === "directory") return;
      if (entry.type !== "file") throw new Error(`${name}: unexpected ${entry.type} in a context`);
      if (entry.size > maxArchive) throw new Error("read exceeds the defined limit");
      files.push({ name, bytes: new Uint8Array(entry.size) });
    },
    content: (bytes, position) => {
      if (current?.type === "file") files.at(-1)?.bytes.set(bytes, position);
    },
    entryEnd: () => undefined,
  });
  if (archive.length > 0 && archive.length < tarPadding(1).length) throw new Error("unexpected EOF");
  try {
    decoder.push(archive);
  } catch (error) {
    throw error instanceof EngineError ? new Error("archive/tar: invalid tar header", { cause: error }) : error;
  }
  // Docker's own archives end behind the last byte of the last file.
  decoder.push(tarPadding(archive.length));
  decoder.finish();
  return files;
}

function textOf(name: string): string {
  return Buffer.from(name, "latin1").toString();
}
