import { expect, test } from "bun:test";
import { parseApiVersion } from "#wire";
import { containerOf, labelled } from "../../../../test/support/containers.ts";
import { statusText, summarizeContainer } from "./container.ts";
import { encodeSummaries, type ListEntry } from "./summaries.ts";

const second = 1_000_000_000n;
const web = containerOf({
  id: "a".repeat(64),
  spec: labelled({ Status: '","Status":"x', schön: "✓" }),
  state: { status: "running", pid: 1, monitorPid: 2, startedAt: 1000n * second, stopRequested: false },
});
const done = containerOf({
  id: "b".repeat(64),
  state: { status: "exited", startedAt: second, exit: { code: 3, at: 990n * second, oomKilled: false } },
});
const frozen = containerOf({
  id: "d".repeat(64),
  state: { status: "paused", pid: 1, monitorPid: 2, startedAt: 1000n * second, stopRequested: false },
});
const platform = { os: "linux", architecture: "amd64" };
const manifest = { descriptor: { mediaType: "m", digest: `sha256:${"c".repeat(64)}`, size: 1 } as const, platform };
const newest = parseApiVersion("1.51");

function shown(entries: readonly ListEntry[], version: string, now: number): unknown {
  return JSON.parse(Buffer.from(encodeSummaries(entries, parseApiVersion(version), now)).toString());
}

/** What a list would say that kept nothing. */
function anew({ listed, manifest, size }: ListEntry, now: number): unknown {
  return { ...summarizeContainer(listed, manifest, size), Status: statusText(listed.container.state, now) };
}

test("encodeSummaries() says at any time what a list says that is made anew", () => {
  const entries = [web, done, frozen].map((container) => ({ listed: { container }, manifest: undefined }));
  for (const now of [1000_100, 1000_900, 1001_100, 1059_900, 1060_100, 1119_000, 1121_000, 4601_000, 1_000_000_000])
    expect([now, shown(entries, "1.51", now)]).toEqual([now, entries.map((entry) => anew(entry, now))]);
});

test("encodeSummaries() sees a manifest, an endpoint and a size that come and go", () => {
  const now = 1_001_000;
  const listed = { container: done };
  const endpoint = { sandboxId: "s", endpointId: "e", mode: "none", ports: [] } as const;
  const entries: readonly ListEntry[] = [
    { listed, manifest },
    { listed, manifest: undefined },
    { listed: { ...listed, endpoint }, manifest },
    { listed, manifest, size: { written: 1, total: 2 } },
    { listed, manifest },
  ];
  for (const entry of entries) expect(shown([entry], "1.51", now)).toEqual([anew(entry, now)]);
});

test("encodeSummaries() keeps the forms of several versions apart", () => {
  const entries = [{ listed: { container: done }, manifest }];
  const hasManifest = (version: string): boolean => JSON.stringify(shown(entries, version, 0)).includes("ImageManifestDescriptor");
  expect(["1.51", "1.47", "1.48", "1.24", "1.51"].map(hasManifest)).toEqual([true, false, true, false, true]);
});

test("encodeSummaries() writes an empty list", () => {
  expect(Buffer.from(encodeSummaries([], newest, 0)).toString()).toBe("[]\n");
});
