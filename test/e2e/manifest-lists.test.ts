// manifest create, annotate, inspect, push and rm, at a registry of the test's.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mediaTypes } from "#image";
import { sha256 } from "../support/archive.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { imageParts, type ImageParts, indexOf } from "../support/image-parts.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";

const folder = mkdtempSync(join(tmpdir(), "gantry-manifests-"));
const parts = (architecture: string): ImageParts => imageParts({ architecture, layers: [[{ name: "arch", content: architecture }]] });
const images = { amd64: parts("amd64"), arm64: parts("arm64") };
let daemon: TestDaemon;
let registry: TestRegistry;

beforeAll(async () => {
  [daemon, registry] = await Promise.all([startDaemon(), startRegistry()]);
  for (const [name, { layers, config, manifest, manifestDigest }] of Object.entries(images)) {
    for (const repository of [name, "both"]) {
      for (const bytes of [...layers, config]) await registry.pushBlob(repository, bytes);
      const tag = repository === name ? "latest" : manifestDigest;
      await registry.pushManifest(repository, tag, { mediaType: mediaTypes.ociManifest, bytes: manifest });
    }
  }
  await registry.pushManifest("both", "latest", { mediaType: mediaTypes.ociIndex, bytes: indexOf(images) });
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function manifest(...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await daemon.gantry(["--config", folder, "manifest", ...args]);
  return { code, stdout, stderr };
}

function entry(architecture: "amd64" | "arm64", platform: object): object {
  const { manifest: bytes, manifestDigest } = images[architecture];
  return { mediaType: mediaTypes.ociManifest, size: bytes.length, digest: manifestDigest, platform };
}

describe("manifest inspect", () => {
  test("says where --insecure opens nothing, and nothing where the daemon's list has the host", async () => {
    expect((await manifest("inspect", "--insecure", `${registry.host}/both`)).stderr).toBe("");
    const { code, stderr } = await manifest("inspect", "--insecure", "192.0.2.1.invalid:1/x");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining("--insecure changes nothing: 192.0.2.1.invalid:1 is not among the daemon's insecure-registries"),
    });
    expect((await manifest("inspect", "192.0.2.1.invalid:1/x")).stderr).not.toContain("WARNING");
  });

  test("shows an index in Docker's form, and with -v each manifest that it names", async () => {
    const { stdout } = await manifest("inspect", `${registry.host}/both`);
    const manifests = (["amd64", "arm64"] as const).map((architecture) => entry(architecture, { architecture, os: "linux" }));
    expect(stdout).toBe(`${JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }, undefined, 3)}\n`);
    const verbose = JSON.parse((await manifest("inspect", "-v", `${registry.host}/both`)).stdout) as readonly object[];
    expect(verbose.length).toBe(2);
    expect(verbose[1]).toEqual({
      Ref: `${registry.host}/both:latest@${images.arm64.manifestDigest}`,
      Descriptor: entry("arm64", { architecture: "arm64", os: "linux" }),
      Raw: Buffer.from(images.arm64.manifest).toString("base64"),
      OCIManifest: JSON.parse(new TextDecoder().decode(images.arm64.manifest)) as unknown,
    });
  });

  test("shows one manifest, and says what is not there", async () => {
    const document: unknown = JSON.parse(new TextDecoder().decode(images.amd64.manifest));
    expect((await manifest("inspect", `${registry.host}/amd64`)).stdout).toBe(`${JSON.stringify(document, undefined, "\t")}\n`);
    expect(await manifest("inspect", `${registry.host}/none`)).toEqual({
      code: 1,
      stdout: "",
      stderr: `no such manifest: ${registry.host}/none:latest\n`,
    });
  });
});

test("a list is created, amended, annotated, pushed with its blobs, and gone", async () => {
  const list = `${registry.host}/list:v1`;
  const created = { code: 0, stdout: `Created manifest list ${list}\n`, stderr: "" };
  expect(await manifest("create", list, `${registry.host}/amd64`)).toEqual(created);
  expect((await manifest("create", list, `${registry.host}/arm64`)).stderr).toBe(
    "refusing to amend an existing manifest list with no --amend flag\n",
  );
  expect(await manifest("create", "-a", list, `${registry.host}/arm64`)).toEqual(created);
  const safe = (name: string): string => name.replaceAll(":", "-").replaceAll("/", "_");
  expect(readdirSync(join(folder, "manifests", safe(list))).toSorted()).toEqual(
    ["amd64", "arm64"].map((name) => safe(`${registry.host}/${name}:latest`)),
  );
  expect((await manifest("create", `${registry.host}/other`, `${registry.host}/both`)).stderr).toBe(
    `${registry.host}/both:latest is a manifest list\n`,
  );

  const annotate = (...flags: readonly string[]) => manifest("annotate", ...flags, list, `${registry.host}/arm64`);
  expect((await annotate("--arch", "foo")).stderr).toBe("manifest entry for image has unsupported os/arch combination: linux/foo\n");
  expect(await annotate("--variant", "v8", "--os-version", "1", "--os-features", "a,b")).toEqual({ code: 0, stdout: "", stderr: "" });
  expect((await manifest("annotate", list, `${registry.host}/nope`)).stderr).toBe(
    `manifest for image ${registry.host}/nope does not exist in ${list}\n`,
  );

  const shown = (await manifest("inspect", list)).stdout;
  const arm64 = { architecture: "arm64", os: "linux", "os.version": "1", "os.features": ["a", "b"], variant: "v8" };
  const manifests = [entry("amd64", { architecture: "amd64", os: "linux" }), entry("arm64", arm64)];
  expect(JSON.parse(shown)).toEqual({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });

  const digest = sha256(new TextEncoder().encode(shown.trimEnd()));
  const refs = Object.values(images).map(
    ({ manifestDigest }) => `Pushed ref ${registry.host}/list@${manifestDigest} with digest: ${manifestDigest}\n`,
  );
  expect(await manifest("push", "--purge", list)).toEqual({ code: 0, stdout: `${refs.join("")}${digest}\n`, stderr: "" });
  expect(existsSync(join(folder, "manifests", safe(list)))).toBe(false);
  expect((await daemon.gantry(["pull", "-q", list])).stdout).toBe(`${list}\n`);
  expect((await daemon.gantry(["pull", "-q", "--platform", "linux/arm64", list])).stdout).toBe(`${list}\n`);
  expect((await manifest("push", list)).stderr).toBe(`No such manifest: ${list}\n`);
  expect((await manifest("rm", list)).stderr).toBe(`No such manifest: ${list}\n`);
  expect((await manifest("create", list, `${registry.host}/arm64`)).code).toBe(0);
  expect(await manifest("rm", list)).toEqual({ code: 0, stdout: "", stderr: "" });
});
