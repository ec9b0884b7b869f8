import { expect, test } from "bun:test";
import { closeSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { mapOf, openUserNamespace } from "./user-namespace.ts";

test.each([
  [{ disk: 1000, seen: 0 }, "1000 0 1\n1 1 999\n1001 1001 4294966294\n"],
  [{ disk: 0, seen: 5 }, "0 5 1\n1 1 4\n6 6 4294967289\n"],
  [{ disk: 7, seen: 7 }, "7 7 1\n0 0 7\n8 8 4294967287\n"],
  [{ disk: 4294967294, seen: 0 }, "4294967294 0 1\n1 1 4294967293\n"],
])("mapOf() of %j leaves everybody else who they are", (pair, lines) => {
  expect(mapOf(pair)).toBe(lines);
});

test("openUserNamespace() gives a namespace of its own, and leaves no process behind", () => {
  const fd = openUserNamespace({ user: { disk: 1000, seen: 0 }, group: { disk: 1000, seen: 0 } });
  try {
    expect(readlinkSync(`/proc/self/fd/${fd}`)).toMatch(/^user:\[\d+\]$/);
    expect(readlinkSync(`/proc/self/fd/${fd}`)).not.toBe(readlinkSync("/proc/self/ns/user"));
  } finally {
    closeSync(fd);
  }
  const others = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && parentOf(name) === process.pid);
  expect(others).toEqual([]);
});

function parentOf(pid: string): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? -1);
  } catch {
    // It has ended.
    return -1;
  }
}
