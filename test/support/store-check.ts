// What must hold of a data root whose daemon has just been killed, and after the next one has started.
import { Database } from "bun:sqlite";
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { call } from "./container-calls.ts";
import type { TestDaemon } from "./daemon.ts";

/** What is wrong with the database as it lies there; nobody may have it open. */
export function databaseFaults({ place }: TestDaemon): string[] {
  const folder = join(place.home, "database");
  mkdirSync(folder, { recursive: true });
  try {
    for (const name of ["state.db", "state.db-wal"]) {
      if (existsSync(join(place.dataRoot, name))) copyFileSync(join(place.dataRoot, name), join(folder, name));
    }
    using database = new Database(join(folder, "state.db"));
    const rows = database.query<{ readonly integrity_check: string }, []>("pragma integrity_check").all();
    return rows.map((row) => row.integrity_check).filter((line) => line !== "ok");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Everything stored by digest: "blob <hex>" and "layer <hex>". */
export function storedItems({ place }: TestDaemon): string[] {
  const blobs = readdirSync(join(place.dataRoot, "content/sha256")).map((name) => `blob ${name}`);
  const layers = readdirSync(join(place.dataRoot, "layers")).filter((name) => name !== "ingest");
  return [...blobs, ...layers.map((name) => `layer ${name}`)].toSorted();
}

/** Blobs that are not what their name says, layers that an image lists and that are not there, and what was never finished. */
export async function storeFaults(daemon: TestDaemon): Promise<string[]> {
  const { dataRoot } = daemon.place;
  const content = join(dataRoot, "content/sha256");
  const torn = readdirSync(content).filter(
    (name) => new Bun.CryptoHasher("sha256").update(readFileSync(join(content, name))).digest("hex") !== name,
  );
  const unfinished = ["content/ingest", "content/spool", "layers/ingest"].flatMap((name) =>
    readdirSync(join(dataRoot, name)).map((entry) => `left in ${name}: ${entry}`),
  );
  const images = (await (await call(daemon, "/images/json")).json()) as readonly { readonly Id: string }[];
  const missing: string[] = [];
  for (const { Id } of images) {
    const { RootFS } = (await (await call(daemon, `/images/${Id}/json`)).json()) as {
      readonly RootFS: { readonly Layers: readonly string[] };
    };
    const lost = RootFS.Layers.filter((layer) => !existsSync(join(dataRoot, "layers", layer.slice("sha256:".length), "layer.json")));
    missing.push(...lost.map((layer) => `${Id} lacks layer ${layer}`));
  }
  return [...torn.map((name) => `torn blob ${name}`), ...unfinished, ...missing];
}
