import { describe, expect, test } from "bun:test";
import { concatenated } from "../../../test/support/archive.ts";
import { gather, inPieces, refusal } from "../../../test/support/files-place.ts";
import { compressions, greedyXz, packed } from "../../../test/support/packed.ts";
import { ThreadInflater } from "./thread-inflater.ts";

const noise = crypto.getRandomValues(new Uint8Array(60_000));
const bytes = new Uint8Array(concatenated([noise, new Uint8Array(600_000), noise]));

async function plain(inflater: ThreadInflater, archive: Uint8Array, size?: number): Promise<Uint8Array> {
  return await gather(inflater.inflate(inPieces(archive, size)));
}

describe("ThreadInflater", () => {
  for (const compression of compressions) {
    test(`gives back what ${compression} holds, of one stream and of several, in pieces of any size`, async () => {
      await using inflater = new ThreadInflater();
      const one = packed(compression, bytes);
      expect(Buffer.compare(await plain(inflater, one), bytes)).toBe(0);
      expect(Buffer.compare(await plain(inflater, one, 997), bytes)).toBe(0);
      expect(Buffer.compare(await plain(inflater, concatenated([one, one])), concatenated([bytes, bytes]))).toBe(0);
    });

    test(`A11 refuses ${compression} that is cut at any KiB, and what is no ${compression} behind its first bytes`, async () => {
      await using inflater = new ThreadInflater();
      const whole = packed(compression, bytes);
      for (let size = 1024; size < whole.length; size += 1024)
        expect([size, await refusal(plain(inflater, whole.subarray(0, size)))]).toEqual([
          size,
          ["invalid", "cannot decompress the archive: unexpected end of file"],
        ]);
      const broken = concatenated([whole.subarray(0, 6), noise]);
      expect(await refusal(plain(inflater, broken))).toEqual(["invalid", expect.stringMatching(/^cannot decompress the archive: /)]);
    });
  }

  test("lets plain bytes pass, also when there are few of them", async () => {
    await using inflater = new ThreadInflater();
    for (const text of ["", "BZ", "plain text"]) expect(String(await plain(inflater, Buffer.from(text), 1))).toBe(text);
  });

  test("A10 refuses xz that asks for more memory than 128 MiB of dictionary take", async () => {
    await using inflater = new ThreadInflater();
    expect(await refusal(plain(inflater, greedyXz))).toEqual([
      "invalid",
      "cannot decompress the archive: xz data needs more than 136 MiB of memory",
    ]);
  });

  test.each(compressions)(
    "A10 a reader that leaves a bomb of %s has seen as much as it took, and the archive is let go of",
    async (name) => {
      await using inflater = new ThreadInflater();
      let left = 0;
      let closed = false;
      const bomb = packed(name, new Uint8Array(16 * 1024 * 1024));
      async function* archive(): AsyncGenerator<Uint8Array> {
        try {
          for await (const piece of inPieces(bomb, 64)) {
            left += piece.length;
            yield piece;
          }
        } finally {
          closed = true;
        }
      }
      for await (const piece of inflater.inflate(archive())) {
        expect(piece.length).toBeLessThanOrEqual(1024 * 1024);
        break;
      }
      expect({ closed, some: left > 0 }).toEqual({ closed: true, some: true });
    },
  );

  test("an error of the archive's own source passes as it is", async () => {
    await using inflater = new ThreadInflater();
    for (const compression of compressions) {
      const gone = new Error("client is gone");
      async function* archive(): AsyncGenerator<Uint8Array> {
        yield packed(compression, bytes).subarray(0, 10_000);
        throw gone;
      }
      expect(await refusal(gather(inflater.inflate(archive())))).toBe(gone);
    }
  });
});
