// An image like those that people pull, made of this machine's own files: two layers of large files (64 MiB each) and two of 4,000 small ones, 50 MiB
// packed. Each number gives another image: a file of its own goes first in every layer.
import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ImageParts, imageParts } from "../test/support/image-parts.ts";
import type { ArchiveMember } from "../test/support/archive.ts";

const places = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/include", "/usr/share"];
const small = 16 * 1024;
const large = 8 * 1024 ** 2;
const layerSize = 64 * 1024 ** 2;
const layerFiles = 4_000;

let found: readonly (readonly string[])[] | undefined;

export function hostImage(number: number): ImageParts {
  found ??= chooseFiles();
  const layers = found.map((files, layer) => [
    { name: "number", content: `${number}` },
    ...files.map((path): ArchiveMember => ({
      name: `layer${layer}${path}`,
      content: readFileSync(path),
      mode: 0o644,
      mtime: { seconds: 1_700_000_000, nanos: 0 },
    })),
  ]);
  return imageParts({ gzip: true, layers, config: { Cmd: ["/bin/true"] } });
}

function chooseFiles(): readonly (readonly string[])[] {
  const bigOnes: string[][] = [[], []];
  const smallOnes: string[][] = [[], []];
  const sizes = [0, 0];
  for (const path of places.flatMap((place) => [...filesBelow(place)])) {
    const { size } = statSync(path);
    if (size <= small) smallOnes.find((files) => files.length < layerFiles)?.push(path);
    else if (size < large) {
      const layer = sizes.findIndex((sum) => sum < layerSize);
      if (layer === -1) continue;
      sizes[layer] = (sizes[layer] ?? 0) + size;
      bigOnes[layer]?.push(path);
    }
  }
  return [...bigOnes, ...smallOnes];
}

/** Regular files, in an order of their own, so that images are alike from run to run. */
function* filesBelow(folder: string): Generator<string> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield path;
  }
}
