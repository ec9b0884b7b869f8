import { expect, test } from "bun:test";
import { collect, inPieces, makeImagePlace } from "../support/image-place.ts";
import { imageParts, layoutArchive } from "../support/image-parts.ts";

const steps = [
  { created: "2026-01-01T00:00:00Z", created_by: "ADD a", comment: "first" },
  { created: "2026-01-02T00:00:00Z", created_by: "ENV b=c", empty_layer: true },
  { created_by: "ADD d" },
];
const parts = imageParts({ layers: [[{ name: "a", content: "four" }], [{ name: "d", content: "sixsix" }]], history: steps });

test("history() gives each step the size of its own layer, newest first", async () => {
  await using place = await makeImagePlace();
  const signal = new AbortController().signal;
  await collect(place.images.verbs.load(inPieces(layoutArchive({ amd64: parts }, "docker.io/library/steps:1")), signal));
  const { image, steps: found } = await place.images.verbs.history("steps:1");
  expect(image.id).toBe(parts.manifestDigest);
  expect(found.map(({ step, size }) => [step.createdBy, step.comment, size])).toEqual([
    ["ADD d", undefined, 6],
    ["ENV b=c", undefined, 0],
    ["ADD a", "first", 4],
  ]);
  expect(place.images.verbs.history("steps:1", { os: "linux", architecture: "arm64" })).rejects.toThrow(
    "image with reference steps:1 was found but does not provide the specified platform (linux/arm64)",
  );
});
