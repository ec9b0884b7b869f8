import { byteString, TarDecoder, type TarEntry } from "#image";

export interface ListedEntry {
  readonly entry: TarEntry;
  /** Content with its holes filled. */
  readonly content: string;
}

/** Decodes a whole archive, handed over in pieces of the given size. @throws as the decoder does */
export function listTar(bytes: Uint8Array, piece: number = bytes.length): readonly ListedEntry[] {
  const listed: { entry: TarEntry; content: Uint8Array }[] = [];
  const decoder = new TarDecoder({
    entry: (entry) => void listed.push({ entry, content: new Uint8Array(entry.size) }),
    content: (data, position) => listed.at(-1)?.content.set(data, position),
    entryEnd: () => undefined,
  });
  for (let at = 0; at < bytes.length; at += piece) decoder.push(bytes.subarray(at, at + piece));
  decoder.finish();
  return listed.map(({ entry, content }) => ({ entry, content: byteString(content) }));
}
