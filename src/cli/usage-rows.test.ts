import { expect, test } from "bun:test";
import type { UsageReply } from "#client";
import { usageRows } from "./usage-rows.ts";

const image = { Id: "x", Created: 0, Size: 1000, SharedSize: 300, Containers: 2 };
const container = { Id: "c", Image: "x", Command: "true", Created: 0, State: "running", Status: "Up", SizeRw: 1000 };

test("usageRows() counts as Docker's client does what is in use and what would go", () => {
  const usage: UsageReply = {
    LayersSize: 2000,
    Images: [image, { ...image, Containers: 0 }],
    Containers: [container, { ...container, State: "exited", SizeRw: 3000 }, { ...container, State: "paused", SizeRw: 0 }],
    Volumes: [
      { Name: "a", UsageData: { Size: 10, RefCount: 1 } },
      { Name: "b", UsageData: { Size: 30, RefCount: 0 } },
    ],
  };
  expect(usageRows(usage).map(({ Type, TotalCount, Active, Size, Reclaimable }) => [Type, TotalCount, Active, Size, Reclaimable])).toEqual([
    ["Images", "2", "1", "2kB", "1.3kB (65%)"],
    ["Containers", "3", "2", "4kB", "3kB (75%)"],
    ["Local Volumes", "2", "1", "40B", "30B (75%)"],
    ["Build Cache", "0", "0", "0B", "0B"],
  ]);
});

test("usageRows() takes what a daemon does not tell for nothing", () => {
  expect(new Set(usageRows({}).map(({ TotalCount, Size, Reclaimable }) => `${TotalCount} ${Size} ${Reclaimable}`))).toEqual(
    new Set(["0 0B 0B"]),
  );
});
