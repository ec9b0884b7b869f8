import { expect, test } from "bun:test";
import { decodeMutants, decodeWatched, tarMutant } from "../../../test/support/tar-mutants.ts";

test("I37 TarDecoder reads or refuses 20,000 damaged archives, whole and in pieces alike", () => {
  const { read, refused } = decodeMutants(0, 20_000);
  expect(read).toBeGreaterThan(2_000);
  expect(refused).toBeGreaterThan(2_000);
}, 60_000);

test("decodeWatched() tells of a sink that is broken: what is found would be seen", () => {
  const broken = {
    entry: (): void => {
      throw new TypeError("null");
    },
    content: (): void => undefined,
    entryEnd: (): void => undefined,
  };
  const decodeAll = (): void => {
    for (let number = 0; number < 100; number += 1) decodeWatched(tarMutant(number), 512, broken);
  };
  expect(decodeAll).toThrow(TypeError);
});

test("an old sparse file of less than nothing is refused", () => {
  expect(decodeMutants(1_541_283, 1_541_284)).toMatchObject({ read: 0, refused: 1 });
});
