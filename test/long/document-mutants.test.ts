import { expect, test } from "bun:test";
import { startDaemon } from "../support/daemon.ts";
import { DocumentServer, pullMutants } from "../support/document-server.ts";
import { imageParts } from "../support/image-parts.ts";

test("A08 5,000 mutants of a manifest or config are refused or taken, by the same process", async () => {
  const parts = imageParts({ gzip: true, layers: [[{ name: "a", content: "1" }]], history: [{ created: "2026-01-01T00:00:00Z" }] });
  using server = new DocumentServer(parts);
  await using daemon = await startDaemon();
  await pullMutants(daemon, server, { parts, seed: 5, count: 5_000 });
  expect(await (await daemon.request("/images/json")).json()).toEqual([]);
}, 1_800_000);
