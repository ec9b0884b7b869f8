import { describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { openGzipDecoder } from "#linux";
import { bombLimits, inflate } from "./inflate.ts";

const plain = Buffer.concat(Array.from({ length: 400 }, (_, at) => Buffer.concat([Buffer.from(`${at}`.repeat(40)), randomBytes(200)])));
const gzip = Buffer.from(Bun.gzipSync(plain));
const zstd = zstdCompressSync(plain);

interface Range {
  readonly offset: number;
  readonly size: number;
}

async function inflated(packed: Uint8Array, range?: Range, opens = openGzipDecoder): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "gantry-inflate-"));
  try {
    const path = join(folder, "blob");
    await writeFile(path, packed);
    const pieces: Uint8Array[] = [];
    for await (const piece of inflate({ path, ...(range ?? { offset: 0, size: packed.length }) }, opens)) pieces.push(piece.slice());
    return Buffer.concat(pieces);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("inflate()", () => {
  test.each([
    ["plain bytes", plain, plain],
    ["gzip", gzip, plain],
    ["gzip of two members", Buffer.concat([gzip, gzip]), Buffer.concat([plain, plain])],
    ["zstd", zstd, plain],
    ["zstd of two frames", Buffer.concat([zstd, zstd]), Buffer.concat([plain, plain])],
    ["nothing", Buffer.alloc(0), Buffer.alloc(0)],
    ["gzip of nothing", Buffer.from(Bun.gzipSync("")), Buffer.alloc(0)],
  ])("knows %s by the first bytes", async (_, packed, expected) => {
    expect((await inflated(packed)).equals(expected)).toBe(true);
  });

  test("reads a range of a file and nothing around it", async () => {
    const around = Buffer.concat([randomBytes(1000), gzip, randomBytes(1000)]);
    expect((await inflated(around, { offset: 1000, size: gzip.length })).equals(plain)).toBe(true);
  });

  test.each([
    ["ISA-L where it is", openGzipDecoder],
    ["the runtime", (): undefined => undefined],
  ])("A11 ends with an error for gzip that was cut at every KiB, by %s", async (_, opens) => {
    expect((await inflated(gzip, undefined, opens)).equals(plain)).toBe(true);
    for (let size = 1024; size < gzip.length; size += 1024) {
      const error = await inflated(gzip.subarray(0, size), { offset: 0, size }, opens).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ fault: "invalid", message: expect.stringContaining("decompress") });
    }
  });

  test("A10 refuses a bomb of gzip before it is half grown", async () => {
    const zeros = Buffer.from(Bun.gzipSync(new Uint8Array(64 * 1024 ** 2), { level: 9 }));
    const bomb = Buffer.concat(Array.from({ length: 40 }, () => zeros));
    const folder = await mkdtemp(join(tmpdir(), "gantry-inflate-"));
    try {
      const path = join(folder, "blob");
      await writeFile(path, bomb);
      let size = 0;
      const grow = async (): Promise<void> => {
        for await (const bytes of inflate({ path, offset: 0, size: bomb.length })) size += bytes.length;
      };
      expect(await grow().catch((error: unknown) => error)).toMatchObject({
        fault: "invalid",
        message: expect.stringContaining(
          `${bomb.length} bytes become more than ${Math.max(bombLimits.size, bombLimits.ratio * bomb.length)}`,
        ),
      });
      expect(size).toBeLessThanOrEqual(Math.max(bombLimits.size, bombLimits.ratio * bomb.length));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("A10 refuses zstd whose window is larger than 128 MiB", async () => {
    // A frame with a window descriptor of 2 GiB (RFC 8878, 3.1.1.1.2), then one raw block.
    const frame = Buffer.concat([Buffer.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3, 0x09, 0x00, 0x00), Buffer.from("x")]);
    expect(await inflated(frame).catch((error: unknown) => error)).toMatchObject({ fault: "invalid" });
    const small = Buffer.from(frame);
    small[5] = 0;
    expect((await inflated(small)).toString()).toBe("x");
  });
});
