import { expect, test } from "bun:test";
import { fault } from "#base";
import { type ContentStore, type Credentials, parseReference, type Registry, type RegistryCall } from "#image";
import { BlobFetches } from "./blob-fetches.ts";

const { signal } = new AbortController();
const blob = { mediaType: "application/octet-stream", digest: `sha256:${"a".repeat(64)}`, size: 3 } as const;
const known = (password: string): Credentials => ({ username: "bob", password, identityToken: "", serverAddress: "" });

test("fetch() of one who joined goes on with their own password when another's is refused", async () => {
  const shown: string[] = [];
  const kept: string[] = [];
  const content: Pick<ContentStore, "stat" | "ingest"> = {
    stat: () => Promise.resolve(undefined),
    ingest: ({ digest }) => {
      kept.push(digest);
      return Promise.resolve();
    },
  };
  const registry: Pick<Registry, "blob"> = {
    blob: (_reference, _descriptor, { credentials }: RegistryCall) => {
      shown.push(credentials?.password ?? "");
      if (credentials?.password !== "right") return Promise.reject(fault("unauthorized", "no"));
      return Promise.resolve(new ReadableStream<Uint8Array>());
    },
  };
  const fetches = new BlobFetches({ content: content as ContentStore, registry: registry as Registry, isNamed: () => false });
  const reference = parseReference("registry.example/x");
  const results = await Promise.allSettled(
    ["wrong", "right"].map((password) => fetches.fetch(reference, blob, { credentials: known(password), signal })),
  );
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  expect([shown, kept]).toEqual([["wrong", "right"], [blob.digest]]);
});
