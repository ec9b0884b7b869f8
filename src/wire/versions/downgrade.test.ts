import { describe, expect, test } from "bun:test";
import { newestVersion, parseApiVersion, refusalOf } from "./api-version.ts";
import type { ReplyBody } from "./change.ts";
import { downgrade } from "./downgrade.ts";
import { knows } from "./gates.ts";

const image: ReplyBody = { Containers: 2, Size: 5, RepoTags: [], RepoDigests: ["a@b"], Descriptor: { size: 1 } };

describe("downgrade()", () => {
  test("leaves a reply alone at the newest version", () => {
    expect(downgrade("imageSummary", image, newestVersion)).toEqual(image);
  });

  // What Docker 28.5.2 answers to clients of these versions.
  test.each([
    ["1.50", { ...image, Containers: -1 }],
    ["1.48", { ...image, Containers: -1 }],
    ["1.47", { Containers: -1, Size: 5, RepoTags: [], RepoDigests: ["a@b"] }],
    ["1.43", { Containers: -1, Size: 5, RepoTags: [], RepoDigests: ["a@b"], VirtualSize: 5 }],
    ["1.42", { Containers: -1, Size: 5, RepoTags: ["<none>:<none>"], RepoDigests: ["a@b"], VirtualSize: 5 }],
    ["1.24", { Containers: -1, Size: 5, RepoTags: ["<none>:<none>"], RepoDigests: ["a@b"], VirtualSize: 5 }],
  ])("takes an image of a list down to %s", (version, expected) => {
    expect(downgrade("imageSummary", image, parseApiVersion(version))).toEqual(expected);
  });

  test("takes info down step by step", () => {
    const info: ReplyBody = {
      FirewallBackend: { Driver: "nftables" },
      RuncCommit: { ID: "1.3" },
      InitCommit: { ID: "" },
      RegistryConfig: { Mirrors: null },
      Runtimes: { crun: { path: "crun", status: { a: "b" } } },
      SecurityOptions: ["name=seccomp,profile=builtin"],
      Containerd: { Address: "x" },
    };
    expect(downgrade("info", info, parseApiVersion("1.24"))).toEqual({
      BridgeNfIptables: false,
      BridgeNfIp6tables: false,
      RuncCommit: { ID: "1.3", Expected: "1.3" },
      InitCommit: { ID: "" },
      RegistryConfig: { Mirrors: null, AllowNondistributableArtifactsCIDRs: null, AllowNondistributableArtifactsHostnames: null },
      Runtimes: { crun: { path: "crun" } },
      KernelMemory: true,
      SecurityOptions: ["seccomp"],
    });
    expect(downgrade("info", info, parseApiVersion("1.49"))).toEqual({ ...info, BridgeNfIptables: false, BridgeNfIp6tables: false });
  });

  test("does not change what it is given", () => {
    const before = structuredClone(image);
    downgrade("imageSummary", image, parseApiVersion("1.24"));
    expect(image).toEqual(before);
  });
});

describe("refusalOf()", () => {
  test.each([
    ["1.24", undefined],
    ["1.51", undefined],
    ["1.51.7", undefined],
    ["1.52", "client version 1.52 is too new. Maximum supported API version is 1.51"],
    ["2.0", "client version 2.0 is too new. Maximum supported API version is 1.51"],
    ["1.23", "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version"],
  ])("answers %s", (text, words) => {
    expect(refusalOf(parseApiVersion(text))).toBe(words);
  });
});

test("knows() opens a gate at its version", () => {
  expect(knows(parseApiVersion("1.41"), "multiplexedMediaType")).toBe(false);
  expect(knows(parseApiVersion("1.42"), "multiplexedMediaType")).toBe(true);
});
