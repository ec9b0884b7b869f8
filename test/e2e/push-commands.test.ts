// push and pull -a as commands of both clients, over the compiled daemon, at a registry with passwords.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mediaTypes } from "#image";
import { sha256 } from "../support/archive.ts";
import type { Output } from "../support/command.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { imageParts, indexOf, layoutArchive } from "../support/image-parts.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { builtProgram } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";

const amd64 = imageParts({ gzip: true, architecture: "amd64", layers: [[{ name: "arch", content: "amd64" }]] });
const arm64 = imageParts({ gzip: true, architecture: "arm64", layers: [[{ name: "arch", content: "arm64" }]] });
const layer = sha256(amd64.layers[0] ?? new Uint8Array()).slice(7, 19);
let registry: TestRegistry;
let daemon: TestDaemon;

beforeAll(async () => {
  registry = await startRegistry({ users: { bob: "secret" } });
  daemon = await startDaemon();
  const client = join(daemon.place.home, "client");
  mkdirSync(client, { recursive: true });
  writeFileSync(join(client, "config.json"), JSON.stringify({ auths: { [registry.host]: { auth: btoa("bob:secret") } } }));
  const archive = join(daemon.place.home, "image.tar");
  await Bun.write(archive, layoutArchive({ amd64 }, "docker.io/library/one:v1"));
  expect((await daemon.gantry(["load", "-i", archive])).code).toBe(0);
});
afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

/** Our command line called as docker. */
function ours(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Output> {
  return daemon.run([builtProgram("docker"), ...args], { env });
}

function refers(name: string): string {
  return `The push refers to repository [${registry.host}/${name}]\n`;
}

const target = amd64.manifest;

describe("push", () => {
  test("prints what Docker's client prints, and the second time that all is there", async () => {
    for (const [name, push] of [
      ["stock", (args: readonly string[]) => daemon.docker(args)],
      ["ours", ours],
    ] as const) {
      const image = `${registry.host}/${name}:v1`;
      await daemon.gantry(["tag", "one:v1", image]);
      const end = `v1: digest: ${sha256(target)} size: ${target.length}\n`;
      const first = await push(["push", image]);
      expect(first).toMatchObject({ code: 0, stderr: "" });
      expect(first.stdout).toStartWith(refers(name));
      expect(first.stdout).toEndWith(end);
      expect(await push(["push", image])).toEqual({ code: 0, stdout: `${refers(name)}${layer}: Layer already exists\n${end}`, stderr: "" });
      expect(await push(["push", "-q", image])).toEqual({ code: 0, stdout: `${image}\n`, stderr: "" });
    }
  });

  test("says the same as Docker's client of what cannot be", async () => {
    const name = `${registry.host}/absent`;
    for (const args of [
      ["push", name],
      ["push", `${name}:v1`],
      ["push", "-a", name],
      ["push", "-a", `${name}:v1`],
      ["push", "UPPER"],
      ["push", `${name}@${sha256(target)}`],
      ["push", "--platform", "a/b/c/d", name],
      ["push", "--platform", "linux/s390x", "one:v1"],
      ["push"],
      ["pull", "-a", `${name}:v1`],
      ["pull", "-a", name],
    ])
      expect({ args, ...(await ours(args)) }).toEqual({ args, ...(await daemon.docker(args)) });
  });

  test("sends all tags with -a, and pull -a brings them back", async () => {
    const name = `${registry.host}/many`;
    for (const tag of ["a", "b"]) await daemon.gantry(["tag", "one:v1", `${name}:${tag}`]);
    const pushed = await ours(["push", "-a", name]);
    expect(pushed).toMatchObject({ code: 0, stderr: "" });
    expect(pushed.stdout.match(/^[ab]: digest: /gm)).toEqual(["a: digest: ", "b: digest: "]);
    await ours(["rmi", `${name}:a`, `${name}:b`]);
    const pulled = await ours(["pull", "-a", name]);
    expect(pulled).toMatchObject({ code: 0, stderr: "" });
    expect(pulled.stdout).toEndWith(`\n${name}\n`);
    expect((await ours(["images", "--format", "{{.Tag}}", name])).stdout.split("\n").toSorted()).toEqual(["", "a", "b"]);
  });

  test("notes at the end that only one image of an index went", async () => {
    const archive = join(daemon.place.home, "index.tar");
    const index = indexOf({ amd64, arm64 });
    await Bun.write(archive, layoutArchive({ amd64, arm64 }, "docker.io/library/two:v1"));
    await daemon.gantry(["load", "-i", archive]);
    const image = `${registry.host}/two:v1`;
    await daemon.gantry(["tag", "two:v1", image]);
    await ours(["push", image]);
    await ours(["rmi", "two:v1", image]);
    expect((await ours(["pull", image])).code).toBe(0);
    const [mine, stock] = [await ours(["push", image]), await daemon.docker(["push", image])];
    expect(mine).toEqual(stock);
    expect(mine.stdout).toContain("Not all multiplatform-content is present");
    expect(mine.stdout).toContain(sha256(index));
  });

  test("needs a login, and says so as Docker does", async () => {
    const image = `${registry.host}/ours:v1`;
    const nobody = await ours(["push", image], { DOCKER_CONFIG: join(daemon.place.home, "nobody") });
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toBe(
      "push access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials\n",
    );
  });

  test("D10 refuses content trust, which nothing here looks at", async () => {
    const refused = { stdout: "", stderr: expect.stringContaining("content trust is not supported") as string };
    const trust = { DOCKER_CONTENT_TRUST: "1" };
    for (const args of [
      ["push", "one:v1"],
      ["pull", `${registry.host}/ours:v1`],
      ["create", "one:v1"],
    ])
      expect(await ours(args, trust)).toMatchObject(refused);
    expect(await ours(["push", "--disable-content-trust=false", "one:v1"])).toMatchObject(refused);
    expect((await ours(["push", "--disable-content-trust", `${registry.host}/ours:v1`], trust)).code).toBe(0);
  });
});

describe("a push that is cut off", () => {
  /** A registry that takes bytes and never ends an upload. */
  function stuckRegistry(): { readonly host: string; readonly taken: () => number; readonly left: () => number; stop(): Promise<void> } {
    let [taken, left] = [0, 0];
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      idleTimeout: 0,
      fetch: (request) => {
        if (request.method === "HEAD") return new Response("", { status: 404 });
        if (request.method === "POST") return new Response("", { status: 202, headers: { Location: "/upload" } });
        taken += 1;
        request.signal.addEventListener("abort", () => (left += 1));
        return new Promise<Response>(() => {});
      },
    });
    return { host: `127.0.0.1:${server.port}`, taken: () => taken, left: () => left, stop: () => server.stop(true) };
  }

  test("a client that goes away ends the uploads; kill -9 leaves nothing behind", async () => {
    const stuck = stuckRegistry();
    try {
      const image = `${stuck.host}/x:v1`;
      await daemon.gantry(["tag", "one:v1", image]);
      const spooled = (): readonly string[] =>
        ["spool", "ingest"].flatMap((name) => readdirSync(join(daemon.place.dataRoot, "content", name)));
      const blobs = readdirSync(join(daemon.place.dataRoot, "content/sha256")).toSorted();
      const leaving = new AbortController();
      const request = (signal?: AbortSignal): Promise<Response> =>
        daemon.request(`/images/${image}/push`, { method: "POST", ...(signal !== undefined && { signal }) });
      const answer = await request(leaving.signal);
      await waitFor(() => stuck.taken() === 2, { what: "two uploads" });
      leaving.abort();
      await answer.text().catch(() => "");
      await waitFor(() => stuck.left() === 2, { what: "the end of both uploads" });
      const second = await request();
      await waitFor(() => stuck.taken() === 4, { what: "two more uploads" });
      await daemon.kill();
      await second.text().catch(() => "");
      await daemon.start();
      expect(spooled()).toEqual([]);
      expect(readdirSync(join(daemon.place.dataRoot, "content/sha256")).toSorted()).toEqual(blobs);
      expect((await ours(["push", `${registry.host}/ours:v1`])).code).toBe(0);
    } finally {
      await stuck.stop();
    }
  });
});

test("what was pushed is the image byte by byte", async () => {
  const headers = { Authorization: `Basic ${btoa("bob:secret")}`, Accept: mediaTypes.ociManifest };
  const reply = await fetch(`${registry.origin}/v2/ours/manifests/v1`, { headers });
  expect(await reply.text()).toBe(new TextDecoder().decode(target));
});
