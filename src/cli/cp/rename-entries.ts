import { TarDecoder, tarEnd, type TarEntry, tarHeader, tarPadding } from "#image";
import { type CopyPlan, renamed } from "./copy-paths.ts";

/** The same archive with the names that the plan asks for; nothing of it is kept. */
export async function* renameEntries(archive: AsyncIterable<Uint8Array>, rename: CopyPlan["rename"]): AsyncGenerator<Uint8Array> {
  if (rename === undefined) {
    yield* archive;
    return;
  }
  let out: Uint8Array[] = [];
  let file: TarEntry | undefined;
  let written = 0;
  const fill = (until: number): void => {
    for (; written < until; written += Math.min(until - written, zeros.length)) out.push(zeros.subarray(0, until - written));
  };
  const decoder = new TarDecoder({
    entry: (entry) => {
      file = entry;
      written = 0;
      const linkName = entry.type === "hardlink" ? renamed(entry.linkName, rename) : entry.linkName;
      const name = renamed(entry.name, rename);
      out.push(tarHeader({ ...entry, name, linkName }));
    },
    content: (bytes, position) => {
      fill(position);
      out.push(bytes.slice());
      written += bytes.length;
    },
    entryEnd: () => {
      fill(file?.size ?? 0);
      out.push(tarPadding(file?.size ?? 0));
    },
  });
  for await (const bytes of archive) {
    decoder.push(bytes);
    yield* out;
    out = [];
  }
  decoder.finish();
  yield* out;
  yield tarEnd();
}

const zeros = new Uint8Array(64 * 1024);
