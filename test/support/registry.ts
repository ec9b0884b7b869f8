// Debian's docker-registry on a free port of 127.0.0.1, with a data folder of its own; ended by its pid and removed when disposed.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Digest } from "#base";
import { sha256 } from "./archive.ts";
import { toolPath } from "./tools.ts";

export interface TestRegistry extends AsyncDisposable {
  /** Where all its data lie; a second registry may serve the same. */
  readonly data: string;
  /** "127.0.0.1:40001" */
  readonly host: string;
  readonly origin: string;
  /** Puts a blob; idempotent. */
  pushBlob(repository: string, bytes: Uint8Array): Promise<Digest>;
  /** Puts a manifest or index under a tag or its digest; what it names must be there. */
  pushManifest(repository: string, tag: string, manifest: { readonly mediaType: string; readonly bytes: Uint8Array }): Promise<Digest>;
  /** Where a blob lies on disk, for breaking it. */
  blobPath(digest: Digest): string;
}

interface RegistryOptions {
  /** Data of another registry, which then serves the same images. */
  readonly data?: string;
  /** Names and passwords of those who may come in; everybody may when absent. */
  readonly users?: Readonly<Record<string, string>>;
  /** Goes before the command: the enclosure where it shall listen. */
  readonly prefix?: readonly string[];
}

/** Starts a registry and resolves when it listens. */
export async function startRegistry({ prefix = [], ...options }: RegistryOptions = {}): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "gantry-registry-"));
  const config = join(folder, "config.yml");
  const data = options.data ?? join(folder, "data");
  const passwords = join(folder, "htpasswd");
  if (options.users !== undefined) await writeFile(passwords, await htpasswd(options.users));
  await writeFile(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: "info", formatter: "json", accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: data } },
      http: { addr: "127.0.0.1:0", secret: "gantry" },
      ...(options.users !== undefined && { auth: { htpasswd: { realm: "gantry", path: passwords } } }),
    }),
  );
  const child = Bun.spawn([...prefix, toolPath("docker-registry"), "serve", config], { stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const end = async (): Promise<void> => {
    child.kill("SIGKILL");
    await child.exited;
    await rm(folder, { recursive: true });
  };
  try {
    const host = await listeningAddress(child.stderr);
    return { ...pusher(host), data, blobPath: (digest) => blobPath(data, digest), [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Apache's file of names and bcrypt sums, one a line. */
async function htpasswd(users: Readonly<Record<string, string>>): Promise<string> {
  const lines = Object.entries(users).map(
    async ([name, password]) => `${name}:${await Bun.password.hash(password, { algorithm: "bcrypt", cost: 4 })}\n`,
  );
  return (await Promise.all(lines)).join("");
}

async function listeningAddress(log: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  const reader = log.getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`docker-registry ended: ${text}`);
    text += decoder.decode(value, { stream: true });
    const address = /listening on (127\.0\.0\.1:\d+)/.exec(text)?.[1];
    if (address === undefined) continue;
    // The log is read on, or the registry would stop at a full pipe.
    void drain(reader);
    return address;
  }
}

async function drain(reader: { read(): Promise<{ readonly done: boolean }> }): Promise<void> {
  while (!(await reader.read()).done);
}

function pusher(host: string): Pick<TestRegistry, "host" | "origin" | "pushBlob" | "pushManifest"> {
  const origin = `http://${host}`;
  return {
    host,
    origin,
    pushBlob: async (repository, bytes) => {
      const digest = sha256(bytes);
      const started = await fetch(`${origin}/v2/${repository}/blobs/uploads/`, { method: "POST" });
      const url = new URL(started.headers.get("location") ?? "", origin);
      url.searchParams.set("digest", digest);
      await expectCreated(
        await fetch(url, { method: "PUT", body: new Uint8Array(bytes), headers: { "Content-Type": "application/octet-stream" } }),
      );
      return digest;
    },
    pushManifest: async (repository, tag, { mediaType, bytes }) => {
      const url = `${origin}/v2/${repository}/manifests/${tag}`;
      await expectCreated(await fetch(url, { method: "PUT", body: new Uint8Array(bytes), headers: { "Content-Type": mediaType } }));
      return sha256(bytes);
    },
  };
}

async function expectCreated(response: Response): Promise<void> {
  if (response.status !== 201) throw new Error(`${response.url}: ${response.status} ${await response.text()}`);
}

function blobPath(data: string, digest: Digest): string {
  const hex = digest.slice("sha256:".length);
  return join(data, "docker/registry/v2/blobs/sha256", hex.slice(0, 2), hex, "data");
}
