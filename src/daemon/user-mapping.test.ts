import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readUserMapping } from "./user-mapping.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gantry-users-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (files: Readonly<Record<string, string>>): void => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
};
const read = (text: string): ReturnType<typeof readUserMapping> => readUserMapping(text, folder);
const refusal = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(folder, "DIR") : String(error);
  }
  return "";
};
const range = (containerId: number, hostId: number, size: number): object => ({ containerId, hostId, size });

describe("readUserMapping()", () => {
  test("takes the ranges of a user and a group by name or number, one behind the other", () => {
    put({
      passwd: "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n",
      group: "root:x:0:\nann:x:1000:\nstaff:x:50:\n",
      subuid: "bob:1:2\nann:100000:65536\nann:300000:10\n",
      subgid: "ann:200000:65536\nstaff:500000:1000\n",
    });
    const uids = [range(0, 100_000, 65_536), range(65_536, 300_000, 10)];
    const gids = [range(0, 200_000, 65_536)];
    for (const said of ["ann", "1000", "ann:ann", "1000:1000"]) expect(read(said)).toEqual({ uids, gids } as never);
    for (const said of ["ann:staff", "1000:50"]) expect(read(said)).toEqual({ uids, gids: [range(0, 500_000, 1000)] } as never);
  });

  test("takes ranges as the kernel writes them", () => {
    expect(read("0:100000:1000,1000:300000:5")).toEqual({
      uids: [range(0, 100_000, 1000), range(1000, 300_000, 5)],
      gids: [range(0, 100_000, 1000), range(1000, 300_000, 5)],
    } as never);
  });

  test("maps nobody where nothing is said, or root is", () => {
    put({ passwd: "root:x:0:0::/root:/bin/sh\n", group: "root:x:0:\n" });
    expect([read(""), read("root"), read("0")]).toEqual([undefined, undefined, undefined]);
  });

  test("default gives dockremap a range behind everybody's and writes it down once", () => {
    put({ subuid: "ann:100000:65536\n" });
    const first = read("default");
    expect(first).toEqual({ uids: [range(0, 165_536, 65_536)], gids: [range(0, 100_000, 65_536)] } as never);
    expect(readFileSync(join(folder, "subuid"), "utf8")).toBe("ann:100000:65536\ndockremap:165536:65536\n");
    expect(statSync(join(folder, "subgid")).mode & 0o777).toBe(0o644);
    expect(read("default")).toEqual(first);
  });

  test("names what is not there, in Docker's words", () => {
    put({ passwd: "ann:x:1000:1000::/:/bin/sh\n", group: "ann:x:1000:\n", subuid: "ann:100000:65536\n" });
    expect(refusal("bob")).toBe('Error during uid lookup for "bob": no matching entries in DIR/passwd');
    expect(refusal("ann:bob")).toBe('Error during gid lookup for "bob": no matching entries in DIR/group');
    expect(refusal("7")).toBe("Uid 7 has no entry in DIR/passwd");
    expect(refusal("ann:7")).toBe("Gid 7 has no entry in DIR/group");
    expect(refusal("ann")).toBe('no subgid ranges found for group "ann" in DIR/subgid');
    expect(refusal("a:b:c")).toBe('Invalid user/group specification in --userns-remap: "a:b:c"');
  });

  test("refuses maps that the kernel would, or that hold the host's root (F12)", () => {
    put({ passwd: "ann:x:1000:1000::/:/bin/sh\n", group: "ann:x:1000:\n", subgid: "ann:100000:65536\n" });
    const users = (subuid: string): string => {
      put({ subuid });
      return refusal("ann");
    };
    expect(users("ann:0:65536\n")).toBe("userns-remap: users: 0:0:65536 holds the host's root");
    expect(users("ann:4294967295:2\n")).toContain("goes beyond the last id");
    expect(users("ann:99999999999:1\n")).toContain("is no range of ids");
    expect(users("ann:1\n")).toContain("is no range of ids");
    expect(users(Array.from({ length: 100_000 }, (_, index) => `ann:${100_000 + index}:1\n`).join(""))).toContain("100000 ranges are more");
    expect(refusal("0:4294967296:1")).toContain("goes beyond the last id");
  });
});
