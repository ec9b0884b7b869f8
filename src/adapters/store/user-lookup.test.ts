import { isFault } from "#base";
import { describe, expect, test } from "bun:test";
import { lookUpUser } from "./user-lookup.ts";

const passwd = `
root:x:0:0:root:/root:/bin/sh
1000:x:0:0:a name of digits:/:/bin/sh
bob:x:1000:1001:Bob:/srv/bob:/bin/sh
bob:x:0:0:a second bob:/root:/bin/sh
1:x:0:0::/:
wild:x:4294967295:0::/:
nan:x::0::/:
hex:x:0x0:0::/:
short:x:7
   spaced:x:8:9::/spaced:
bare:x:20:21
- broken line
`;
const group = `
root:x:0:
wheel:x:10:root,bob
2000:x:0:
bob:x:1001:
extra:x:2000:carol,bob
wild:x:4294967296:
shared:x:3000:alice
`;
const files = { passwd: Buffer.from(passwd), group: Buffer.from(group) };
const range = "uids and gids must be in range 0-2147483647";

async function refusal(spec: string, groupAdd: readonly string[] = []): Promise<string> {
  return await lookUpUser(files, spec, groupAdd).then(
    () => "no failure",
    (error: unknown) => (isFault(error, "invalid") ? error.message : String(error)),
  );
}

async function idsOf(spec: string, groupAdd: readonly string[] = []): Promise<readonly unknown[]> {
  const { uid, gid, additionalGids } = await lookUpUser(files, spec, groupAdd);
  return [uid, gid, additionalGids];
}

describe("lookUpUser()", () => {
  test("takes an empty user for uid 0, with its groups", async () => {
    expect(await lookUpUser(files, "", [])).toEqual({ uid: 0, gid: 0, additionalGids: [0, 10], home: "/root" });
  });

  test("finds a name, its first line winning, and its groups", async () => {
    expect(await lookUpUser(files, "bob", [])).toEqual({ uid: 1000, gid: 1001, additionalGids: [1001, 10, 2000], home: "/srv/bob" });
  });

  test("finds the line of a number", async () => {
    expect(await idsOf("1000")).toEqual([1000, 1001, [1001, 10, 2000]]);
    expect(await idsOf("1000:")).toEqual([1000, 1001, [1001, 10, 2000]]);
  });

  test("takes numbers that no line has", async () => {
    expect(await idsOf("5000")).toEqual([5000, 0, [0]]);
    expect(await idsOf("5000:6000")).toEqual([5000, 6000, [6000]]);
    expect(await idsOf("2147483647:2147483647")).toEqual([2147483647, 2147483647, [2147483647]]);
  });

  test("takes a group that is named and leaves the user's other groups away, as Docker does", async () => {
    expect(await idsOf("bob:wheel")).toEqual([1000, 10, [10]]);
    expect(await idsOf("root:shared")).toEqual([0, 3000, [3000]]);
  });

  test("never takes a number for a name (A18)", async () => {
    expect(await idsOf("1")).toEqual([1, 0, [0]]);
    expect(await idsOf("1:")).toEqual([1, 0, [0]]);
    expect(await idsOf("1:2000")).toEqual([1, 2000, [2000]]);
    expect(await idsOf("5", ["2000"])).toEqual([5, 0, [0, 2000]]);
  });

  test("refuses numbers out of range (A18)", async () => {
    for (const spec of ["2147483648", "4294967296", "-1", "5:-1", "5:4294967296", "99999999999999999999", "18446744073709551616"]) {
      expect([spec, await refusal(spec)]).toEqual([spec, range]);
    }
    expect(await refusal("5", ["-1"])).toBe(range);
  });

  test("refuses lines whose ids are out of range or no numbers, never reading them as root (A18)", async () => {
    expect(await refusal("wild")).toBe(range);
    expect(await refusal("root:wild")).toBe(range);
    for (const name of ["nan", "hex", "short", "-"])
      expect(await refusal(name)).toBe(`unable to find user ${name}: no matching entries in passwd file`);
  });

  test("refuses names that are not there, with Docker's words", async () => {
    expect(await refusal("0x0")).toBe("unable to find user 0x0: no matching entries in passwd file");
    expect(await refusal("eve:wheel")).toBe("unable to find user eve: no matching entries in passwd file");
    expect(await refusal("bob:none")).toBe("unable to find group none: no matching entries in group file");
    expect(await refusal("bob", ["none"])).toBe("unable to find group none: no matching entries in group file");
  });

  test("always counts the primary group among the groups (A19)", async () => {
    for (const spec of ["", "bob", "bob:wheel", "5000", "5000:6000", "1000"]) {
      const { gid, additionalGids } = await lookUpUser(files, spec, []);
      expect([spec, additionalGids.includes(gid)]).toEqual([spec, true]);
    }
  });

  test("adds groups by name and number, each once", async () => {
    expect(await idsOf("5000", ["wheel", "10", "4000", "shared"])).toEqual([5000, 0, [0, 10, 4000, 3000]]);
  });

  test("reads lines with spaces around and without a shell", async () => {
    expect(await lookUpUser(files, "spaced", [])).toEqual({ uid: 8, gid: 9, additionalGids: [9], home: "/spaced" });
    expect(await lookUpUser(files, "bare", [])).toEqual({ uid: 20, gid: 21, additionalGids: [21], home: "/" });
  });

  test("reads 10 MiB without holding the loop, across its chunks", async () => {
    const lines = Array.from({ length: 230_000 }, (_, n) => `user-é-${n}:x:${n + 5000}:${n + 5000}::/srv/${n}:/bin/sh`);
    const large = { passwd: Buffer.from(lines.join("\n")) };
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    expect(await lookUpUser(large, "user-é-229999", [])).toMatchObject({ uid: 234_999, home: "/srv/229999" });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(10);
  });
});
