// I30: removals at every moment of what brings images and uses them.
import { expect } from "bun:test";
import { archive } from "./archive.ts";
import { collect, type ImagePlace, inPieces } from "./image-place.ts";
import { dockerArchive, imageParts, layoutArchive } from "./image-parts.ts";
import { mutant, seeded } from "./manifest-mutants.ts";

const never = new AbortController().signal;
/** Faults that somebody may meet whose image another one removes meanwhile. */
const expected = new Set(["not-found", "conflict"]);

/** Loads, tags, imports, saves, removes and prunes in an order that the seed decides, all at once; then every image that is left must be whole. */
export async function runSchedule(place: ImagePlace, seed: number): Promise<void> {
  const next = seeded(seed);
  const { verbs } = place.images;
  const archives = ["a", "b", "c"].map((name) =>
    dockerArchive(imageParts({ gzip: true, layers: [[{ name: "shared", content: "s".repeat(3_000) }], [{ name, content: name }]] }), [
      `${name}:latest`,
    ]),
  );
  const works: readonly (() => Promise<unknown>)[] = [
    () => raise(collect(verbs.load(inPieces(archives[next(3)] ?? new Uint8Array(), 1_000 + next(4_000)), never))),
    () => verbs.remove(["a", "b", "c", "d"][next(4)] ?? "a", { force: next(2) === 0 }),
    () => verbs.prune({ named: next(2) === 0 }),
    () => verbs.tag(["a", "b", "c"][next(3)] ?? "a", { repository: "d", tag: "latest" }),
    () =>
      verbs.import(inPieces(archive([{ name: "i", content: String(next(3)) }])), {
        comment: "",
        changes: [],
        signal: never,
      }),
    async () => {
      for await (const _ of verbs.save([["a", "b", "c"][next(3)] ?? "a"], { signal: never })) continue;
    },
  ];
  const chosen = Array.from({ length: 12 }, () => works[next(works.length)] ?? works[0]);
  const outcomes = await Promise.allSettled(
    chosen.map(async (work) => {
      for (let turns = next(30); turns > 0; turns -= 1) await Promise.resolve();
      await work?.();
    }),
  );
  for (const outcome of outcomes)
    if (outcome.status === "rejected" && !expected.has((outcome.reason as { readonly fault?: string }).fault ?? "")) throw outcome.reason;
  const { flaws } = await place.images.check({ heal: false, signal: never });
  expect({ seed, flaws }).toEqual({ seed, flaws: [] });
}

async function raise(loading: ReturnType<typeof collect>): Promise<void> {
  const { error } = await loading;
  if (error instanceof Error) throw error;
}

/** A08: loads mutants of one image. Each is refused as invalid or makes an image, and in the end nothing is left. */
export async function loadMutants(place: ImagePlace, seed: number, count: number): Promise<void> {
  const parts = imageParts({ layers: [[{ name: "a", content: "1" }]], history: [{ created: "2026-01-01T00:00:00Z", created_by: "x" }] });
  const next = seeded(seed);
  for (let number = 0; number < count; number += 1) {
    const broken = next(2) === 0 ? { ...parts, config: mutant(parts.config, next) } : { ...parts, manifest: mutant(parts.manifest, next) };
    const bytes = next(2) === 0 ? dockerArchive(broken, ["x:latest"]) : layoutArchive({ amd64: broken }, "docker.io/library/x:latest");
    const { error } = await collect(place.images.verbs.load(inPieces(bytes, 50_000), never));
    if (error !== undefined)
      expect({ number, error, fault: (error as { readonly fault?: string }).fault }).toMatchObject({ fault: "invalid" });
    else await place.images.verbs.remove("x", { force: true });
  }
  expect(await place.stored()).toEqual({ blobs: 0, layers: 0, spooled: 0 });
}
