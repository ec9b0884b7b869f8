// Lists of manifests that are put together here and not pushed yet, where Docker's client keeps them too: a folder a list below
// ~/.docker/manifests, a file a manifest in it.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ListedManifest } from "./listed-manifest.ts";

export class ManifestLists {
  readonly #root: string;

  /** `folder` is the user's ~/.docker. */
  constructor(folder: string) {
    this.#root = join(folder, "manifests");
  }

  /** The manifests of a list in the order of their files' names; undefined when there is no such list. */
  list(name: string): readonly ListedManifest[] | undefined {
    try {
      const folder = this.#folder(name);
      return readdirSync(folder)
        .filter((file) => !file.endsWith(".new"))
        .toSorted()
        .map((file) => readManifest(join(folder, file)));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  }

  get(name: string, ref: string): ListedManifest | undefined {
    return this.list(name)?.find(({ Ref }) => Ref === ref);
  }

  /** Readers see the old file or the new one. */
  save(name: string, manifest: ListedManifest): void {
    const folder = this.#folder(name);
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const path = join(folder, fileName(manifest.Ref));
    writeFileSync(`${path}.new`, JSON.stringify(manifest));
    renameSync(`${path}.new`, path);
  }

  remove(name: string): void {
    rmSync(this.#folder(name), { recursive: true, force: true });
  }

  #folder(name: string): string {
    return join(this.#root, fileName(name));
  }
}

/** A canonical name has neither ".." nor a slash at its end, so that it stays in its folder. */
function fileName(reference: string): string {
  return reference.replaceAll(":", "-").replaceAll("/", "_");
}

function readManifest(path: string): ListedManifest {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as ListedManifest;
  } catch (error) {
    if (isAbsent(error)) throw error;
    throw new Error(`${path} is no manifest of Docker's client`, { cause: error });
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
