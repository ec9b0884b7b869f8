import { describe, expect, test } from "bun:test";
import type { Removed } from "#engine";
import { collect, type ImagePlace, inPieces, makeImagePlace } from "../support/image-place.ts";
import { dockerArchive, imageParts } from "../support/image-parts.ts";

const never = new AbortController().signal;
const parts = imageParts({ docker: true, config: { Cmd: ["sh"], Labels: { role: "test" } }, layers: [[{ name: "a", content: "1" }]] });
const other = imageParts({ docker: true, created: "2026-01-02T00:00:00Z", layers: [[{ name: "b", content: "2" }]] });
const id = parts.manifestDigest;
const short = id.slice(7, 19);
const nothing = { blobs: 0, layers: 0, spooled: 0 };

async function load(place: ImagePlace, image: typeof parts, tags: readonly string[]): Promise<void> {
  const { error } = await collect(place.images.verbs.load(inPieces(dockerArchive(image, tags)), never));
  expect(error).toBeUndefined();
}

function use(place: ImagePlace, reference: string, running: boolean): void {
  const containerId = (running ? "a" : "b").repeat(64);
  place.users.push({ containerId, running, image: place.images.resolveForCreate(reference) });
}

async function remove(place: ImagePlace, reference: string, force = false): Promise<readonly Removed[] | string> {
  try {
    return await place.images.verbs.remove(reference, { force });
  } catch (error) {
    return (error as Error).message;
  }
}

describe("remove()", () => {
  test("takes one name of several, then with the last the image and all its bytes", async () => {
    await using place = await makeImagePlace();
    await load(place, parts, ["one:v1", "one:v2"]);
    expect(await remove(place, "one:v2")).toEqual([{ untagged: "one:v2" }]);
    expect(await remove(place, "one:v1")).toEqual([{ untagged: "one:v1" }, { deleted: id }]);
    expect(await place.stored()).toEqual(nothing);
    expect(place.events.slice(1)).toEqual([`untag ${id}`, `untag ${id}`, `delete ${id}`]);
    expect((await place.reopen()).verbs.list({})).toEqual([]);
  });

  test("keeps what another image shares", async () => {
    await using place = await makeImagePlace();
    const above = imageParts({ docker: true, layers: [[{ name: "a", content: "1" }], [{ name: "c", content: "3" }]] });
    await load(place, parts, ["below:1"]);
    await load(place, above, ["above:1"]);
    await remove(place, "above:1");
    expect(await place.stored()).toEqual({ blobs: 3, layers: 1, spooled: 0 });
  });

  test("by id wants force when several repositories name it, not when one does", async () => {
    await using place = await makeImagePlace();
    await load(place, parts, ["one:v1", "one:v2"]);
    await place.images.verbs.tag("one:v1", { repository: "two", tag: "" });
    const refusal = `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`;
    expect(await remove(place, short)).toBe(refusal);
    expect(await remove(place, short, true)).toEqual([
      { untagged: "one:v1" },
      { untagged: "one:v2" },
      { untagged: "two:latest" },
      { deleted: id },
    ]);
    await load(place, parts, ["one:v1", "one:v2"]);
    expect(await remove(place, short)).toEqual([{ untagged: "one:v1" }, { untagged: "one:v2" }, { deleted: id }]);
  });

  test("wants force for the last name of a container's image, and leaves the image without a name", async () => {
    await using place = await makeImagePlace();
    await load(place, parts, ["one:v1"]);
    use(place, "one:v1", false);
    const container = "b".repeat(12);
    expect(await remove(place, "one:v1")).toBe(
      `conflict: unable to delete one:v1 (must be forced) - container ${container} is using its referenced image ${short}`,
    );
    expect(await remove(place, id)).toBe(
      `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container ${container}`,
    );
    expect(await remove(place, "one:v1", true)).toEqual([{ untagged: "one:v1" }]);
    expect(place.images.verbs.list({ dangling: true }).map(({ image, containers }) => [image.id, containers])).toEqual([[id, 1]]);
  });

  test("refuses by id for a running container, and keeps the layers of a stopped one under force", async () => {
    await using place = await makeImagePlace();
    await load(place, parts, ["one:v1"]);
    use(place, "one:v1", true);
    expect(await remove(place, id, true)).toBe(
      `conflict: unable to delete ${short} (cannot be forced) - image is being used by running container ${"a".repeat(12)}`,
    );
    place.users.splice(0);
    use(place, "one:v1", false);
    expect(await remove(place, id, true)).toEqual([{ untagged: "one:v1" }, { deleted: id }]);
    expect(await place.stored()).toEqual({ blobs: 0, layers: 1, spooled: 0 });
    place.users.splice(0);
    await place.images.sweep();
    expect(await place.stored()).toEqual(nothing);
  });

  test("of a repository with the digest takes its tags alone", async () => {
    await using place = await makeImagePlace();
    await load(place, parts, ["one:v1", "one:v2"]);
    await place.images.verbs.tag("one:v1", { repository: "two", tag: "x" });
    expect(await remove(place, `one@${id}`)).toEqual([{ untagged: "one:v1" }, { untagged: "one:v2" }]);
  });

  test.each([
    ["nosuch", "No such image: nosuch:latest"],
    ["nosuch:x", "No such image: nosuch:x"],
    [`sha256:${"0".repeat(64)}`, `No such image: sha256:${"0".repeat(64)}`],
    ["0".repeat(64), `No such image: sha256:${"0".repeat(64)}`],
    ["bad..name", "invalid reference format"],
    ["\u0001\u001b[2j", "invalid reference format"],
  ])("says what %j is not", async (name, message) => {
    await using place = await makeImagePlace();
    await load(place, parts, ["one:v1"]);
    expect(await remove(place, name)).toBe(message);
  });
});

describe("get()", () => {
  test("finds an image by name, id, prefix, manifest, config and repository digest", async () => {
    await using place = await makeImagePlace();
    await load(place, parts, ["one:v1", "one:latest"]);
    const { configDigest } = place.images.verbs.get("one").manifest;
    for (const text of [
      "one",
      "one:v1",
      "docker.io/library/one:v1",
      id,
      id.slice(7),
      short,
      id.slice(7, 11),
      configDigest,
      `one@${id}`,
      `one:v9@${id}`,
    ])
      expect(place.images.verbs.get(text).image.id).toBe(id);
  });

  test("calls a prefix of two ids ambiguous", async () => {
    await using place = await makeImagePlace();
    for (let number = 0; number < 17; number += 1)
      await load(place, imageParts({ docker: true, config: { Cmd: [`${number}`] }, layers: [[{ name: "same" }]] }), [`n:${number}`]);
    const digits = place.images.verbs.list({}).map(({ image }) => image.id.charAt(7));
    const twice = digits.find((digit, index) => digits.indexOf(digit) !== index) ?? "";
    expect(() => place.images.verbs.get(`sha256:${twice}`)).toThrow("ambiguous reference");
  });
});

describe("list()", () => {
  test("filters by reference, label, dangling, before and since", async () => {
    await using place = await makeImagePlace();
    await load(place, parts, ["host:5000/team/one:v1"]);
    const later = imageParts({ docker: true, created: "2026-01-02T00:00:00Z", layers: [[{ name: "b", content: "2" }]] });
    await load(place, later, ["two:v1"]);
    const ids = (filters: Parameters<ImagePlace["images"]["verbs"]["list"]>[0]): readonly string[] =>
      place.images.verbs.list(filters).map(({ image }) => image.id);
    expect(ids({ reference: ["two"] })).toEqual([later.manifestDigest]);
    expect(ids({ reference: ["host:5000/*/one:v*"] })).toEqual([id]);
    expect(ids({ reference: ["*"] })).toEqual([later.manifestDigest]);
    expect(ids({ label: ["role=test"] })).toEqual([id]);
    expect(ids({ label: ["role=other"] })).toEqual([]);
    expect(ids({ dangling: true })).toEqual([]);
    expect(ids({ before: ["two:v1"] })).toEqual([id]);
    expect(ids({ since: ["host:5000/team/one:v1"] })).toEqual([later.manifestDigest]);
    expect(() => ids({ before: ["zz"] })).toThrow("No such image: zz:latest");
  });
});

describe("tag()", () => {
  test("moves a name, and the image that had it lives on without", async () => {
    await using place = await makeImagePlace();
    await load(place, parts, ["one:v1"]);
    await load(place, other, ["two:v1"]);
    await place.images.verbs.tag("two:v1", { repository: "one", tag: "v1" });
    expect(place.images.verbs.get("one:v1").image.id).toBe(other.manifestDigest);
    expect(place.images.verbs.get(id).image.tags).toEqual([]);
    expect(place.events.at(-1)).toBe(`tag ${other.manifestDigest}`);
  });

  test.each([
    ["UP", "x", "invalid reference format: repository name (library/UP) must be lowercase"],
    ["fine", "-bad", "invalid tag format"],
    ["fine", "x".repeat(129), "invalid tag format"],
  ])("refuses %j %j", async (repository, tag, message) => {
    await using place = await makeImagePlace();
    await load(place, parts, ["one:v1"]);
    expect(place.images.verbs.tag("one:v1", { repository, tag })).rejects.toThrow(message);
  });
});
