// Marks of removal in a layer (OCI image spec, layer.md, "Whiteouts"): ".wh.NAME" hides NAME of the layers below, ".wh..wh..opq" hides
// everything that they have in the directory. Other names that begin with ".wh..wh." are AUFS's own and mean nothing.
import { fault } from "#base";
import { type ByteString, quoteBytes } from "./byte-string.ts";

const prefix = ".wh.";
const metaPrefix = ".wh..wh.";
const opaqueName = ".wh..wh..opq";

export type LayerPath =
  | { readonly kind: "entry" | "whiteout"; readonly parent: ByteString; readonly name: ByteString }
  | { readonly kind: "opaque"; readonly parent: ByteString }
  | { readonly kind: "root" | "ignored" };

/**
 * The place in a layer that the name of a tar entry means: relative to the root, "." and doubled slashes taken out, ".." resolved by text.
 * `parent` is "" for the root itself.
 * @throws invalid for a name that leaves the layer, or a whiteout that names no file
 */
export function layerPath(entryName: ByteString): LayerPath {
  const parts = componentsOf(entryName);
  const name = parts.at(-1);
  if (name === undefined) return { kind: "root" };
  if (name !== opaqueName && parts.some((part) => part.startsWith(metaPrefix))) return { kind: "ignored" };
  const folders = parts.slice(0, -1);
  if (folders.some((part) => part.startsWith(prefix))) {
    throw fault("invalid", `${quoteBytes(entryName)}: names that begin with ".wh." are kept for whiteouts`);
  }
  const parent = folders.join("/");
  if (name === opaqueName) return { kind: "opaque", parent };
  if (!name.startsWith(prefix)) return { kind: "entry", parent, name };
  const hidden = name.slice(prefix.length);
  if (hidden === "" || hidden === "." || hidden === "..") throw fault("invalid", `invalid whiteout name: ${quoteBytes(entryName)}`);
  return { kind: "whiteout", parent, name: hidden };
}

/** The target of a hard link, by the same rules, as parent and name. @throws invalid */
export function linkTarget(linkName: ByteString): { readonly parent: ByteString; readonly name: ByteString } {
  const parts = componentsOf(linkName);
  const name = parts.at(-1);
  if (name === undefined) throw fault("invalid", `invalid hard link target: ${quoteBytes(linkName)}`);
  return { parent: parts.slice(0, -1).join("/"), name };
}

function componentsOf(name: ByteString): readonly ByteString[] {
  if (name.includes("\0")) throw fault("invalid", `invalid name in the archive: ${quoteBytes(name)}`);
  const parts: ByteString[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) throw fault("invalid", `${quoteBytes(name)} is outside of the layer`);
  }
  return parts;
}
