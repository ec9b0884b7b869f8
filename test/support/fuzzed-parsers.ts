// The parsers that row I37 names in the room of images, with seeds, words and the laws that hold for whatever they take.
import {
  familiarName,
  formatReference,
  maxManifestSize,
  mediaTypes,
  parseConfig,
  parseManifest,
  parsePlatform,
  parseReference,
  selectPlatform,
  withDefaultTag,
} from "#image";
import { imageParts, indexOf } from "./image-parts.ts";
import type { FuzzedParser } from "./parser-fuzz.ts";

const hex = "0123456789abcdef".repeat(4);

function hold(law: boolean, what: string): void {
  if (!law) throw new Error(`law broken: ${what}`);
}

export const referenceParser: FuzzedParser = {
  seeds: ["busybox", "a/b:1.2-x_y", "127.0.0.1:5000/a/b", `reg.example.org/a__b/c-d.e:t@sha256:${hex}`, "[::1]:80/x", `x@sha256:${hex}`],
  words: [
    ":",
    "/",
    "@",
    ".",
    "-",
    "__",
    "_",
    "a",
    "A",
    "0",
    "localhost/",
    "docker.io/",
    "library/",
    "sha256:",
    hex,
    "..",
    " ",
    "\0",
    "é",
    "[",
    "]",
  ],
  parse: (text) => {
    const reference = withDefaultTag(parseReference(text));
    const canonical = formatReference(reference);
    hold(Bun.deepEquals(parseReference(canonical), reference), "a canonical name reads as itself");
    hold(reference.path.length <= 255 && (reference.tag ?? "").length <= 128, "names have a limit");
    hold(reference.path === reference.path.toLowerCase(), "paths are lower case");
    hold(!/\s|\0|\/\/|(?:^|\/)\.\.?(?:\/|$)/.test(canonical), "a name has no blanks, no empty parts, no way up");
    const familiar = familiarName(reference);
    hold(/^[a-f0-9]{64}$/.test(familiar) || parseReference(familiar).path === reference.path, "a familiar name stays");
  },
};

const words = [
  "null",
  "{}",
  "[]",
  "-1",
  "1e400",
  "0",
  '""',
  '"x"',
  "true",
  "[[[[",
  ",",
  ":",
  '"digest"',
  '"size"',
  '"layers"',
  '"manifests"',
  '"config"',
];
const values = [
  ...words,
  '"mediaType"',
  '"schemaVersion":1',
  '"__proto__":{}',
  '"platform":null',
  `"sha256:${hex}"`,
  "\\u0000",
  "9007199254740993",
];
const parts = imageParts({ layers: [[{ name: "a", content: "a" }], [{ name: "b", content: "b" }]], history: [{ created_by: "x" }] });
const decoder = new TextDecoder();
const encoder = new TextEncoder();

export const manifestParser: FuzzedParser = {
  seeds: [decoder.decode(parts.manifest), decoder.decode(indexOf({ amd64: parts, arm64: parts }))],
  words: values,
  parse: (text) => {
    const bytes = encoder.encode(text);
    const document = parseManifest(bytes);
    hold(bytes.length <= maxManifestSize, "manifests have a limit");
    const named = document.kind === "index" ? document.manifests : [document.config, ...document.layers];
    for (const { digest, size, mediaType } of named)
      hold(
        /^sha256:[0-9a-f]{64}$/.test(digest) && Number.isSafeInteger(size) && size >= 0 && mediaType.length >= 0,
        "descriptors are whole",
      );
    if (document.kind === "index") selectPlatform({ os: "linux", architecture: "arm64" }, document.manifests);
    parseManifest(bytes, document.kind === "index" ? document.mediaType : mediaTypes.ociManifest);
  },
};

export const configParser: FuzzedParser = {
  seeds: [decoder.decode(parts.config)],
  words: [...values, '"history"', '"rootfs"', '"diff_ids"', '"Env"', '"Labels"', '"created"'],
  parse: (text) => {
    const { diffIds, history, runtime } = parseConfig(encoder.encode(text));
    hold(
      diffIds.every((diffId) => /^sha256:[0-9a-f]{64}$/.test(diffId)),
      "diff ids are digests",
    );
    hold(
      history.every(({ emptyLayer }) => typeof emptyLayer === "boolean"),
      "history is whole",
    );
    hold(
      [...runtime.env, ...Object.values(runtime.labels)].every((value) => typeof value === "string"),
      "texts are texts",
    );
  },
};

export const platformParser: FuzzedParser = {
  seeds: ["linux/amd64", "linux/arm/v7", "windows", "aarch64"],
  words: ["/", "v8", "linux", "arm", "armel", "386", "", " ", "A", "é", "..", "constructor", "__proto__"],
  parse: (text) => {
    const own = { os: "linux", architecture: "amd64" };
    const { os, architecture, variant } = parsePlatform(text, own);
    hold(
      [os, architecture, variant ?? ""].every((word) => /^[a-z0-9_.-]*$/.test(word)),
      "words of a platform are plain",
    );
  },
};
