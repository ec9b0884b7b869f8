import { byteStringOfText, tarEnd, tarHeader, tarPadding } from "#image";

/** One entry of a layer; owned by root, dated 1970. */
export type TreeEntry =
  | { readonly path: string; readonly type: "directory"; readonly mode?: number }
  | { readonly path: string; readonly type: "file"; readonly bytes: Uint8Array; readonly mode?: number }
  | { readonly path: string; readonly type: "symlink"; readonly target: string };

/** An uncompressed tar of the entries in their order; the same bytes for the same entries, always. */
export function tarOf(entries: readonly TreeEntry[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const name = byteStringOfText(entry.type === "directory" ? `${entry.path}/` : entry.path);
    if (entry.type === "file") {
      parts.push(tarHeader({ type: "file", name, size: entry.bytes.length, ...(entry.mode !== undefined && { mode: entry.mode }) }));
      parts.push(entry.bytes, tarPadding(entry.bytes.length));
    } else if (entry.type === "directory") {
      parts.push(tarHeader({ type: "directory", name, ...(entry.mode !== undefined && { mode: entry.mode }) }));
    } else {
      parts.push(tarHeader({ type: "symlink", name, linkName: byteStringOfText(entry.target), mode: 0o777 }));
    }
  }
  return joinBytes([...parts, tarEnd()]);
}

/** The parts behind each other. */
function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
