// I06, I08, I13: killed at any system call of a verb about images, or with a disk that refuses it, the image is there whole or not at all.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mediaTypes } from "#image";
import { archive, sha256 } from "./archive.ts";
import { call, create, list, removeForced, startNew, wait } from "./container-calls.ts";
import { crashPoints, diskCalls, failAt } from "./crash-points.ts";
import { type Act, type Crashing, crashThrough, imageNames, spread } from "./crash-through.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";
import { dockerArchive, imageParts } from "./image-parts.ts";
import { loadImage } from "./images.ts";
import { loadArchive } from "./planted-image.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";
import { databaseFaults, storeFaults } from "./store-check.ts";

let daemon: TestDaemon;
let registry: TestRegistry;
let count = 0;

const next = (): string => `planted-${(count += 1)}`;
const partsOf = (name: string): ReturnType<typeof imageParts> =>
  imageParts({ docker: true, gzip: true, layers: [[{ name: "a", content: name.repeat(500) }], [{ name: "b", content: name }]] });
const archiveOf = (name: string): Uint8Array<ArrayBuffer> => dockerArchive(partsOf(name), [`${name}:latest`]);

async function succeedLoading(name: string): Promise<void> {
  expect(await loadArchive(daemon, archiveOf(name))).toContain("Loaded image");
}

/** @throws when the stream ends with an error, as a client would */
async function stream(path: string, body?: Uint8Array<ArrayBuffer>): Promise<void> {
  const init = body === undefined ? {} : { body, headers: { "content-type": "application/x-tar" } };
  const text = await (await call(daemon, path, { method: "POST", ...init })).text();
  if (text.includes('"error"')) throw new Error(text);
}

async function push(name: string): Promise<void> {
  const { layers, config, manifest } = partsOf(name);
  for (const bytes of [...layers, config]) await registry.pushBlob(name, bytes);
  await registry.pushManifest(name, "latest", { mediaType: "application/vnd.docker.distribution.manifest.v2+json", bytes: manifest });
}

/** Every verb that changes images, and the name that it gives or takes. */
const acts: Readonly<Record<string, Pick<Act, "prepare" | "act"> & { readonly named: (subject: string) => string }>> = {
  load: {
    prepare: () => Promise.resolve(next()),
    act: (name) => stream("/images/load", archiveOf(name)),
    named: (name) => `${name}:latest`,
  },
  pull: {
    prepare: async () => {
      const name = next();
      await push(name);
      return name;
    },
    act: (name) => stream(`/images/create?fromImage=${registry.host}/${name}&tag=latest`),
    named: (name) => `${registry.host}/${name}:latest`,
  },
  import: {
    prepare: () => Promise.resolve(next()),
    act: (name) => stream(`/images/create?fromSrc=-&repo=${name}`, archive([{ name, content: name }])),
    named: (name) => `${name}:latest`,
  },
  commit: {
    prepare: () => startNew(daemon, { Cmd: ["sh", "-c", "echo written >/written"] }, next()),
    act: (id) => call(daemon, `/commit?container=${id}&repo=c${id.slice(0, 12)}`, { method: "POST" }),
    named: (id) => `c${id.slice(0, 12)}:latest`,
  },
  tag: {
    prepare: () => Promise.resolve(next()),
    act: (name) => call(daemon, `/images/busybox/tag?repo=${name}&tag=latest`, { method: "POST" }),
    named: (name) => `${name}:latest`,
  },
  rmi: {
    prepare: async () => {
      const name = next();
      await succeedLoading(name);
      return name;
    },
    act: (name) => call(daemon, `/images/${name}`, { method: "DELETE" }),
    named: (name) => `${name}:latest`,
  },
};

/** One test a verb and kind of fault; `tries` is how many of its points are tried, evenly spread. */
export function imageCrashSuite(tries: number): void {
  beforeAll(async () => {
    registry = await startRegistry();
    daemon = await startDaemon();
    await loadImage(daemon.place.socket, "busybox");
  }, 30_000);

  afterAll(async () => {
    await daemon[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  }, 60_000);

  test.each(Object.entries(acts))(
    "I06 %s() is whole or never was, whenever the daemon dies",
    async (_, { named, ...parts }) => {
      await crashThrough(crashing(tries), { ...parts, check: async (subject) => await finish(named(subject)) });
    },
    600_000,
  );

  test("I34 push() leaves nothing at the registry or all of it, whenever the daemon dies, and a second one ends it", async () => {
    const nameOf = (name: string): string => `${registry.host}/pushed/${name}`;
    const act = (name: string): Promise<void> => stream(`/images/${encodeURIComponent(nameOf(name))}/push?tag=latest`);
    await crashThrough(crashing(tries), {
      prepare: async () => {
        const name = next();
        await succeedLoading(name);
        await call(daemon, `/images/${name}/tag?repo=${nameOf(name)}&tag=latest`, { method: "POST" });
        return name;
      },
      act,
      check: async (name) => {
        expect(await lacksAtRegistry(`pushed/${name}`)).toEqual([]);
        await act(name);
        expect(await (await manifestAtRegistry(`pushed/${name}`)).text()).toContain(`"layers"`);
        expect(await lacksAtRegistry(`pushed/${name}`)).toEqual([]);
        for (const each of [nameOf(name), name]) await call(daemon, `/images/${encodeURIComponent(each)}:latest`, { method: "DELETE" });
      },
    });
  }, 600_000);

  test.each(Object.entries(acts))(
    "I13 %s() on a disk that refuses a call fails or is done, and says which",
    async (verb, { act, named, prepare }) => {
      await warmUp();
      const first = await prepare();
      const all = (await crashPoints(daemon, () => act(first))).filter(({ name }) => diskCalls.includes(name));
      expect(all.length).toBeGreaterThan(0);
      const { pid } = daemon;
      for (const point of spread(all, tries).slice(0, tries)) {
        await warmUp();
        const subject = await prepare();
        const outcome = await failAt(daemon, point, { error: "EIO", act: () => act(subject).then(() => "done", String) });
        expect(daemon.pid).toBe(pid);
        const isThere = (await imageNames(daemon)).includes(named(subject));
        if (outcome === "done") expect({ verb, point, isThere }).toEqual({ verb, point, isThere: verb !== "rmi" });
        else expect({ point, outcome }).toEqual({ point, outcome: expect.stringMatching(/input\/output error|disk I\/O error|EIO/) });
        await expectWhole();
        await finish(named(subject));
      }
      // What was told survives.
      const before = await imageNames(daemon);
      await daemon.kill();
      expect(databaseFaults(daemon)).toEqual([]);
      await daemon.start();
      expect((await imageNames(daemon)).toSorted()).toEqual(before.toSorted());
      await expectWhole();
    },
    600_000,
  );
}

async function manifestAtRegistry(repository: string): Promise<Response> {
  return await fetch(`${registry.origin}/v2/${repository}/manifests/latest`, { headers: { Accept: mediaTypes.dockerManifest } });
}

/** Blobs that the tag's manifest names and the registry has not, or has with other bytes; nothing where there is no tag. */
async function lacksAtRegistry(repository: string): Promise<readonly string[]> {
  const reply = await manifestAtRegistry(repository);
  const { config, layers = [] } = (await reply.json()) as Partial<
    Record<"layers", { digest: string }[]> & Record<"config", { digest: string }>
  >;
  const digests = [...(config === undefined ? [] : [config]), ...layers].map(({ digest }) => digest);
  const served = digests.map(async (digest) => sha256(await (await fetch(`${registry.origin}/v2/${repository}/blobs/${digest}`)).bytes()));
  return (await Promise.all(served)).filter((found, index) => found !== digests[index]);
}

const crashing = (tries: number): Crashing => ({ daemon, tries, warmUp, expectWhole });

/** Whatever is there can be used and removed. */
async function finish(name: string): Promise<void> {
  if (!(await imageNames(daemon)).includes(name)) return;
  await create(daemon, { Image: name, Cmd: ["true"] });
  for (const id of await list(daemon, true)) await removeForced(daemon, id);
  await call(daemon, `/images/${name}`, { method: "DELETE" });
}

async function warmUp(): Promise<void> {
  const name = next();
  await Promise.all([succeedLoading(name), succeedLoading(`${name}-too`)]);
  await wait(daemon, await startNew(daemon, { Cmd: ["true"] }));
  for (const id of await list(daemon, true)) await removeForced(daemon, id);
  for (const each of [name, `${name}-too`]) await call(daemon, `/images/${each}`, { method: "DELETE" });
}

async function expectWhole(): Promise<void> {
  expect(await storeFaults(daemon)).toEqual([]);
  const { Flaws, Database } = (await (await call(daemon, "/gantry/v1/system/check", { method: "POST" })).json()) as Readonly<
    Record<string, unknown>
  >;
  expect({ Flaws, Database }).toEqual({ Flaws: [], Database: [] });
}
