import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReserveFile } from "./reserve-file.ts";

test("ReserveFile gives back what it holds, slice by slice, and takes it again", () => {
  const folder = mkdtempSync(join(tmpdir(), "gantry-reserve-"));
  try {
    const path = join(folder, "reserve");
    const reserve = new ReserveFile(path);
    expect(reserve.give()).toBe(false);
    expect(reserve.fill()).toBe(true);
    const { size, blocks } = statSync(path);
    expect([size, blocks * 512 >= size]).toEqual([16 * 1024 * 1024, true]);
    let given = 0;
    while (reserve.give()) given += 1;
    expect([given, statSync(path).blocks]).toEqual([16, 0]);
    expect([reserve.fill(), statSync(path).size]).toEqual([true, size]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
