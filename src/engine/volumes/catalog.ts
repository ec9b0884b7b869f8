// Every volume the engine knows, in memory, with its row in the state database behind it. What uses a volume is read off the containers: a
// container counts from the instant its name is reserved, and a removal asks under the volume's lock, so none loses a volume that it was given.
import { type Durability, fault, now, type Table } from "#base";
import type { Announcer } from "#event";
import { checkVolumeName, checkVolumeOptions, type Volume, type VolumeRequest, type VolumeStore } from "#volume";
import type { Roster } from "../containers/roster.ts";
import type { VolumeRow } from "./row.ts";

interface CatalogParts {
  readonly table: Table<VolumeRow>;
  readonly store: VolumeStore;
  readonly roster: Pick<Roster, "users">;
  readonly announcer: Announcer;
}

export class VolumeCatalog {
  readonly #parts: CatalogParts;
  readonly #volumes = new Map<string, Volume>();
  readonly #locks = new Map<string, Promise<unknown>>();

  constructor(parts: CatalogParts) {
    this.#parts = parts;
  }

  get store(): VolumeStore {
    return this.#parts.store;
  }

  /** Reads the rows of an earlier daemon, and finds what a crash left: a folder of data that has no row is kept as a volume. Call once. */
  async load(): Promise<void> {
    const { table, store } = this.#parts;
    const [rows, found] = await Promise.all([table.load(), store.list()]);
    for (const { volume } of rows) this.#volumes.set(volume.name, volume);
    for (const { name, isNew } of found) {
      if (this.#volumes.has(name)) {
        if (isNew) await store.settle(name);
      } else if (isNew) await store.discard(name);
      else await this.#put({ name, created: now() }, "volatile");
    }
    const folders = new Set(found.map(({ name }) => name));
    // A removal that was cut off after its folder went.
    for (const name of this.#volumes.keys()) if (!folders.has(name)) await this.#drop(name);
  }

  /** By name. */
  all(): readonly Volume[] {
    return [...this.#volumes.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
  }

  get(name: string): Volume | undefined {
    return this.#volumes.get(name);
  }

  /** @throws not-found in Docker's words */
  find(name: string): Volume {
    const found = this.#volumes.get(name);
    if (found === undefined) throw fault("not-found", `get ${name}: no such volume`);
    return found;
  }

  /** The containers of each volume that has any. */
  users(): ReadonlyMap<string, readonly string[]> {
    const users = new Map<string, string[]>();
    for (const { id, spec } of this.#parts.roster.users()) {
      for (const name of new Set((spec.host.volumes ?? []).map((mount) => mount.name))) {
        const ids = users.get(name);
        if (ids === undefined) users.set(name, [id]);
        else ids.push(id);
      }
    }
    return users;
  }

  /** The volume of that name, made where there is none. `isNew` tells which. @throws invalid in Docker's words */
  ensure(request: VolumeRequest, durability: Durability): Promise<{ readonly volume: Volume; readonly isNew: boolean }> {
    const { name } = request;
    return this.locked(name, async () => {
      const found = this.#volumes.get(name);
      if (found !== undefined) return { volume: found, isNew: false };
      checkVolumeName(name);
      checkVolumeOptions(name, request.options);
      const { store } = this.#parts;
      await store.make(name);
      const volume: Volume = { ...request, created: now() };
      await this.#put(volume, durability);
      await store.settle(name);
      this.#announce(name, "create");
      return { volume, isNew: true };
    });
  }

  /** A volume that is there once `write` has filled its folder, and not at all when that fails. @throws conflict when there is one of that name */
  makeFilled(request: VolumeRequest, write: (folder: string) => Promise<void>): Promise<Volume> {
    const { name } = request;
    return this.locked(name, async () => {
      checkVolumeName(name);
      if (this.#volumes.has(name)) throw fault("conflict", `create ${name}: there is a volume of that name`);
      const { store } = this.#parts;
      const volume: Volume = { ...request, created: now() };
      try {
        await store.make(name);
        await store.fillWith(name, write);
        await this.#put(volume, "durable");
      } catch (error) {
        this.#volumes.delete(name);
        await store.discard(name);
        throw error;
      }
      await store.settle(name);
      this.#announce(name, "create");
      return volume;
    });
  }

  /** Fills a volume that is there and empty. @throws not-found; conflict when it is not empty, or a container has it */
  fill(name: string, write: (folder: string) => Promise<void>): Promise<Volume> {
    return this.locked(name, async () => {
      const volume = this.find(name);
      if (volume.options !== undefined) throw fault("unsupported", `volume ${name} has a device, and is filled by whoever mounts it`);
      this.#refuseInUse("fill", name);
      await this.#parts.store.fillWith(name, write);
      return volume;
    });
  }

  /** Gives a volume another name. @throws not-found; conflict while a container has it, or when there is a volume of the other name */
  rename(name: string, to: string): Promise<Volume> {
    checkVolumeName(to);
    if (name === to) throw fault("conflict", `rename ${name}: that is its name`);
    const [first = "", second = ""] = [name, to].toSorted();
    return this.locked(first, () =>
      this.locked(second, async () => {
        const { store } = this.#parts;
        const volume = this.find(name);
        this.#refuseInUse("rename", name);
        if (this.#volumes.has(to)) throw fault("conflict", `rename ${name}: there is a volume ${to}`);
        if (volume.options !== undefined) await store.unmountDevice(name);
        const renamed: Volume = { ...volume, name: to };
        // A crash before the folder is renamed leaves a row without a folder, and one behind it too: the next start drops it.
        await this.#put(renamed, "durable");
        try {
          await store.rename(name, to);
        } catch (error) {
          await this.#drop(to);
          throw error;
        }
        await this.#drop(name);
        this.#announce(name, "destroy");
        this.#announce(to, "create");
        return renamed;
      }),
    );
  }

  #refuseInUse(action: string, name: string): void {
    const users = this.users().get(name) ?? [];
    if (users.length > 0) throw fault("conflict", `${action} ${name}: volume is in use - [${users.join(", ")}]`);
  }

  /** @throws not-found; conflict while a container has it, with Docker's words */
  remove(name: string): Promise<void> {
    return this.locked(name, async () => {
      const { options } = this.find(name);
      this.#refuseInUse("remove", name);
      const { store } = this.#parts;
      if (options !== undefined) await store.unmountDevice(name);
      await store.discard(name);
      await this.#drop(name);
      this.#announce(name, "destroy");
    });
  }

  /** Runs `work` when whatever else was begun with this volume is done. Not reentrant. */
  async locked<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#locks.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(ignore, ignore);
    this.#locks.set(name, settled);
    try {
      return await mine;
    } finally {
      if (this.#locks.get(name) === settled) this.#locks.delete(name);
    }
  }

  #put(volume: Volume, durability: Durability): Promise<void> {
    this.#volumes.set(volume.name, volume);
    return this.#parts.table.put(volume.name, { version: 1, volume }, durability);
  }

  async #drop(name: string): Promise<void> {
    this.#volumes.delete(name);
    await this.#parts.table.remove(name, "durable");
  }

  #announce(name: string, action: string): void {
    this.#parts.announcer.announce({ type: "volume", action, actorId: name, attributes: { driver: "local" } });
  }
}

function ignore(): void {}
