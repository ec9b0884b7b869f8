import { describe, expect, test } from "bun:test";
import type { ContainerSummary } from "#client";
import { containerRow } from "./container-row.ts";
import { imageRows } from "./image-row.ts";
import { ellipsis } from "./table.ts";

const id = "0123456789abcdef".repeat(4);
const container: ContainerSummary = {
  Id: id,
  Names: ["/web", "/other/alias"],
  Image: "busybox",
  ImageID: `sha256:${id}`,
  Command: "sh -c 'echo \"a very long one\n'",
  Created: Math.trunc(Date.now() / 1000) - 7200,
  Ports: null,
  Labels: { b: "2", a: "1" },
  State: "running",
  Status: "Up 2 hours",
  Mounts: [{ Name: "averylongvolumename", Driver: "local" }, { Source: "/tmp" }],
  NetworkSettings: { Networks: { two: {}, one: {} } },
  SizeRw: 4096,
  SizeRootFs: 2_040_000,
};

describe("containerRow()", () => {
  test("cuts ids, commands, mounts and names of links", () => {
    expect(containerRow(container, false)).toMatchObject({
      ID: "0123456789ab",
      Command: '"sh -c \'echo \\"a very…"',
      RunningFor: "2 hours ago",
      Names: "web",
      Labels: "a=1,b=2",
      Mounts: "averylongvolum…,/tmp",
      LocalVolumes: "1",
      Networks: "one,two",
      Size: "4.1kB (virtual 2.04MB)",
    });
  });

  test("leaves them whole when asked", () => {
    expect(containerRow(container, true)).toMatchObject({
      ID: id,
      Names: "web,other/alias",
      Command: '"sh -c \'echo \\"a very long one\\n\'"',
    });
  });

  test("shows an image that lost its name by its short id", () => {
    expect(containerRow({ ...container, Image: `sha256:${id}` }, false).Image).toBe("0123456789ab");
    expect(containerRow({ ...container, Image: `r/x:1@sha256:${id}` }, false).Image).toBe("r/x:1");
  });
});

test("ellipsis() counts columns of the screen", () => {
  expect(ellipsis("日本語日本語", 5)).toBe("日本…");
  expect(ellipsis("12345", 5)).toBe("12345");
});

describe("imageRows()", () => {
  const image = {
    Id: `sha256:${id}`,
    Created: 1,
    Size: 3_096_000,
    RepoTags: ["r/x:1", "r/x:2", "host:5000/y:z"],
    RepoDigests: [`r/x@sha256:${id}`],
  };
  const names = (digests: boolean, of = image): string[] =>
    imageRows(of, { whole: false, digests }).map((row) => `${row.Repository} ${row.Tag} ${row.Digest.slice(0, 9)}`);

  test("has a row for each name", () => {
    expect(names(false)).toEqual(["r/x 1 <none>", "r/x 2 <none>", "host:5000/y z <none>"]);
    expect(names(true)).toEqual(["r/x 1 sha256:01", "r/x 2 sha256:01", "host:5000/y z <none>"]);
  });

  test("has one row for an image without a name, or with a digest only", () => {
    expect(names(false, { ...image, RepoTags: [], RepoDigests: [] })).toEqual(["<none> <none> <none>"]);
    expect(names(true, { ...image, RepoTags: [] })).toEqual(["r/x <none> sha256:01"]);
  });

  test("has sizes with three and with four digits", () => {
    expect(imageRows(image, { whole: false, digests: false })[0]).toMatchObject({
      ID: "0123456789ab",
      Size: "3.1MB",
      VirtualSize: "3.096MB",
    });
  });
});
