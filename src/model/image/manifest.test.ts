import { describe, expect, test } from "bun:test";
import { maxManifestSize, parseManifest } from "./manifest.ts";
import { mediaTypes } from "./media-types.ts";

const digest = `sha256:${"a".repeat(64)}`;
const descriptor = { mediaType: mediaTypes.ociConfig, digest, size: 2 };
const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: descriptor, layers: [descriptor] };
const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [descriptor] };

function parse(document: unknown, mediaType?: string): ReturnType<typeof parseManifest> {
  return parseManifest(new TextEncoder().encode(typeof document === "string" ? document : JSON.stringify(document)), mediaType);
}

describe("parseManifest()", () => {
  test("tells manifests from indexes, with or without their own media type", () => {
    expect(parse(manifest).kind).toBe("manifest");
    expect(parse(index).kind).toBe("index");
    expect(parse({ ...manifest, mediaType: undefined }, mediaTypes.dockerManifest).mediaType).toBe(mediaTypes.dockerManifest);
    expect(parse({ ...index, mediaType: undefined }).mediaType).toBe(mediaTypes.ociIndex);
  });

  test.each<[string, unknown, string | undefined, string]>([
    ["both kinds at once", { ...manifest, manifests: [] }, undefined, "ambiguous"],
    ["an index with a config", { ...index, config: descriptor }, undefined, "ambiguous"],
    ["another Content-Type", manifest, mediaTypes.dockerManifest, "its descriptor says"],
    ["an index called manifest", { ...index, mediaType: mediaTypes.ociManifest }, undefined, "does not fit"],
    ["a manifest called index", { ...manifest, mediaType: mediaTypes.ociIndex }, undefined, "does not fit"],
    ["a key said twice", '{"schemaVersion":2,"layers":[],"layers":[]}', undefined, 'the key "layers" twice'],
    ["a key said twice in other spelling", '{"schemaVersion":2,"layers":[],"\\u006cayers":[]}', undefined, 'the key "layers" twice'],
    ["schema 1", { schemaVersion: 1 }, undefined, "schema 1"],
    ["no schema", {}, undefined, "schemaVersion"],
    ["null", null, undefined, "not a JSON object"],
    ["a list", [], undefined, "not a JSON object"],
    ["no JSON", "{", undefined, "not valid JSON"],
    ["null layers of a wrong kind", { ...manifest, layers: {} }, undefined, "layers is not a list"],
    ["a negative size", { ...manifest, layers: [{ ...descriptor, size: -1 }] }, undefined, "layers[0] has no valid size"],
    ["a size beyond numbers", { ...manifest, layers: [{ ...descriptor, size: 1e300 }] }, undefined, "layers[0] has no valid size"],
    [
      "a digest that is a path",
      { ...manifest, config: { ...descriptor, digest: "sha256:../../x" } },
      undefined,
      "config has no sha256 digest",
    ],
    ["too many layers", { ...manifest, layers: Array.from({ length: 501 }, () => descriptor) }, undefined, "more than 500"],
  ])("refuses %s", (_, document, mediaType, message) => {
    expect(() => parse(document, mediaType)).toThrow(message);
  });

  test("A09 refuses what is larger than the cap without parsing it", () => {
    expect(() => parseManifest(new Uint8Array(maxManifestSize + 1))).toThrow("larger than");
  });
});
