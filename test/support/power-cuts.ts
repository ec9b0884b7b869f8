// I07: what was acknowledged outlives a power cut, and nothing torn does. One daemon works on a recorded disk; then each cut is made of the
// recording, at an instant of its own, and a daemon starts on what it left.
import { expect, test } from "bun:test";
import { archive } from "./archive.ts";
import { call, create, removeForced } from "./container-calls.ts";
import { imageNames } from "./crash-through.ts";
import { startDaemon, type TestDaemon } from "./daemon.ts";
import { openEnclosure } from "./enclosure.ts";
import { dockerArchive, imageParts, type ImageParts } from "./image-parts.ts";
import { loadImage } from "./images.ts";
import { loadArchive } from "./planted-image.ts";
import { RecordedDisk } from "./recorded-disk.ts";
import { startRegistry, type TestRegistry } from "./registry.ts";
import { makePlace } from "./test-place.ts";

/** Where in the recording something was asked for, and where it was acknowledged. */
interface Step {
  readonly asked: number;
  acknowledged?: number;
}

interface Entry {
  readonly name: string;
  readonly made: Step;
  gone?: Step;
}

/** What was done, and when. */
class Ledger {
  readonly entries: Entry[] = [];
  readonly #disk: RecordedDisk;

  constructor(disk: RecordedDisk) {
    this.#disk = disk;
  }

  async make(name: string, work: () => Promise<unknown>): Promise<Entry> {
    const entry: Entry = { name, made: { asked: this.#disk.position } };
    this.entries.push(entry);
    await work();
    entry.made.acknowledged = this.#disk.position;
    return entry;
  }

  async remove(entry: Entry, work: () => Promise<unknown>): Promise<void> {
    entry.gone = { asked: this.#disk.position };
    await work();
    entry.gone.acknowledged = this.#disk.position;
  }

  /** What a daemon that was cut off at the position must not lack, or have, and does. */
  broken(position: number, names: ReadonlySet<string>): readonly string[] {
    const before = (at: number | undefined): boolean => at !== undefined && at <= position;
    return this.entries.flatMap(({ name, made, gone }) => {
      if (names.has(name))
        return before(gone?.acknowledged) ? [`${name} is back`] : before(made.asked) ? [] : [`${name} was never asked for`];
      return before(made.acknowledged) && !before(gone?.asked) ? [`${name} is lost`] : [];
    });
  }
}

const partsOf = (name: string, docker: boolean): ImageParts =>
  imageParts({
    docker,
    gzip: true,
    layers: [
      [{ name: "shared", content: "s".repeat(50_000) }],
      [{ name: "own", content: `${name}.`.repeat(20_000) }],
      [{ name, content: name }],
    ],
  });

interface Scene {
  readonly daemon: TestDaemon;
  /** Where the daemon is, and the same where the test is. */
  readonly registry: TestRegistry;
  readonly shelf: TestRegistry;
  readonly ledger: Ledger;
}

async function load({ daemon, ledger }: Scene, name: string): Promise<Entry> {
  return await ledger.make(`${name}:latest`, async () => {
    expect(await loadArchive(daemon, dockerArchive(partsOf(name, true), [`${name}:latest`]))).toContain("Loaded image");
  });
}

async function pull({ daemon, registry, shelf, ledger }: Scene, name: string): Promise<Entry> {
  const { layers, config, manifest } = partsOf(name, false);
  for (const bytes of [...layers, config]) await shelf.pushBlob(name, bytes);
  const { mediaType } = JSON.parse(new TextDecoder().decode(manifest)) as { readonly mediaType: string };
  await shelf.pushManifest(name, "latest", { mediaType, bytes: manifest });
  return await ledger.make(`${registry.host}/${name}:latest`, async () => {
    const path = `/images/create?fromImage=${registry.host}/${name}&tag=latest`;
    expect(await (await call(daemon, path, { method: "POST" })).text()).not.toContain('"error"');
  });
}

/** Three at once, so that what one settles holds another's halves; every third image goes again. */
async function work(scene: Scene, rounds: number): Promise<void> {
  const { daemon, ledger } = scene;
  const drop = (entry: Entry): Promise<void> =>
    ledger.remove(entry, () => call(daemon, `/images/${encodeURIComponent(entry.name)}`, { method: "DELETE" }));
  const rounded = async (each: (round: number) => Promise<unknown>): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) await each(round);
  };
  await Promise.all([
    rounded(async (round) => {
      const entry = await load(scene, `loaded-${round}`);
      if (round % 3 === 0) await drop(entry);
    }),
    rounded(async (round) => {
      const entry = await pull(scene, `pulled-${round}`);
      if (round % 3 === 1) await drop(entry);
    }),
    rounded(async (round) => {
      const name = `made-${round}`;
      let id = "";
      const container = await ledger.make(name, async () => {
        id = await create(daemon, { Cmd: ["true"] }, name);
      });
      const tar = { body: archive([{ name, content: name.repeat(3_000) }]), headers: { "content-type": "application/x-tar" } };
      await call(daemon, `/containers/${id}/archive?path=/`, { method: "PUT", ...tar });
      await ledger.make(`committed-${round}:latest`, () =>
        call(daemon, `/commit?container=${id}&repo=committed-${round}`, { method: "POST" }),
      );
      await ledger.make(`tagged-${round}:latest`, () =>
        call(daemon, `/images/busybox/tag?repo=tagged-${round}&tag=latest`, { method: "POST" }),
      );
      if (round % 2 === 0) await ledger.remove(container, () => removeForced(daemon, id));
    }),
  ]);
}

async function namesOf(daemon: TestDaemon): Promise<ReadonlySet<string>> {
  const containers = (await (await call(daemon, "/containers/json?all=1")).json()) as readonly { readonly Names: readonly string[] }[];
  return new Set([...(await imageNames(daemon)), ...containers.flatMap(({ Names }) => Names.map((name) => name.slice(1)))]);
}

/** So many cuts, spread over the work. */
export function powerCutSuite({ cuts, rounds }: { readonly cuts: number; readonly rounds: number }): void {
  test(
    `I07 ${cuts} power cuts during load, pull, commit, create, tag and removals: what was acknowledged is there, and nothing of it is torn`,
    async () => {
      await using enclosure = await openEnclosure();
      await using shelf = await startRegistry();
      await using registry = await startRegistry({ prefix: enclosure.prefix, data: shelf.data });
      const place = makePlace();
      await using disk = await RecordedDisk.open(enclosure, place, 256);
      await using daemon = await startDaemon({ enclosure, place });
      await loadImage(place.socket, "busybox");
      const ledger = new Ledger(disk);
      const from = disk.position;
      await work({ daemon, registry, shelf, ledger }, rounds);
      const to = disk.position;
      // It can tell: nothing of all this was there in the beginning, but for the first.
      expect(ledger.broken(to, new Set(["busybox:latest"])).length).toBeGreaterThan(rounds * 3);
      expect(ledger.broken(to, await namesOf(daemon))).toEqual([]);
      // The disk itself, for the last cut: what was flushed stays, what was not goes.
      const { dataRoot } = place;
      await daemon.run(["sh", "-c", `cd ${dataRoot} && echo 1 >kept && sync kept && echo 1 >forgotten`]);
      const end = disk.position;
      await daemon.terminate();
      await disk.stop();
      const positions = Array.from({ length: cuts }, () => from + Math.floor(Math.random() * (to - from))).toSorted(
        (one, other) => one - other,
      );
      for (const [index, position] of positions.entries()) {
        const odds = [0, 0.5, 0.9][index % 3] ?? 0;
        await disk.cut(position, { odds, random: Math.random });
        await daemon.start();
        expect({ position, odds, broken: ledger.broken(position, await namesOf(daemon)) }).toEqual({ position, odds, broken: [] });
        const check = await (await call(daemon, "/gantry/v1/system/check", { method: "POST" })).json();
        expect({ position, odds, check }).toMatchObject({ position, odds, check: { Flaws: [], Database: [] } });
        await daemon.terminate();
        await disk.unmount();
      }
      await disk.cut(end, { odds: 0, random: Math.random });
      expect((await daemon.run(["sh", "-c", `cd ${dataRoot} && ls -d kept forgotten`])).stdout).toBe("kept\n");
      await disk.unmount();
    },
    30_000 + cuts * 20_000,
  );
}
