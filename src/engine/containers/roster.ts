// Every container the engine knows, in memory, with its row in the state database behind it. Reads never wait;
// a change is visible at once and its promise resolves when the row is committed.
import { type Durability, fault, type Table } from "#base";
import { apply, type Change, type Container, type ContainerSpec } from "#container";
import { type ContainerRow, fromRow, toRow } from "./row.ts";

const nameGrammar = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

export class Roster {
  readonly #table: Table<ContainerRow>;
  readonly #containers = new Map<string, Container>();
  readonly #names = new Map<string, string>();
  /** Containers that are being created: nobody sees them, but their images are in use. */
  readonly #forthcoming = new Map<string, Container>();
  /** The containers as a list shows them, while nothing has changed. */
  #order: readonly Container[] | undefined;
  readonly #locks = new Map<string, Promise<unknown>>();

  constructor(table: Table<ContainerRow>) {
    this.#table = table;
  }

  /** Reads the rows of an earlier daemon. Call once, before anything else. */
  async load(): Promise<void> {
    for (const row of await this.#table.load()) {
      const container = fromRow(row);
      this.#set(container);
      this.#names.set(container.name, container.id);
    }
  }

  /** Newest first. Put into order when it is first asked for after a change, not for every list. */
  all(): readonly Container[] {
    this.#order ??= [...this.#containers.values()].sort((a, b) => (a.created < b.created ? 1 : a.created > b.created ? -1 : 0));
    return this.#order;
  }

  get(id: string): Container | undefined {
    return this.#containers.get(id);
  }

  /** By full id, then name, then unique id prefix. @throws not-found; invalid when the prefix fits several */
  find(reference: string): Container {
    const name = reference.startsWith("/") ? reference.slice(1) : reference;
    const exact = this.#containers.get(reference) ?? this.#containers.get(this.#names.get(name) ?? "");
    if (exact !== undefined) return exact;
    const matches = this.#startingWith(reference);
    if (matches.length > 1) throw fault("invalid", `multiple IDs found with provided prefix: ${reference}`);
    const found = this.#containers.get(matches[0] ?? "");
    if (found === undefined) throw fault("not-found", `No such container: ${reference}`);
    return found;
  }

  /** The one id that begins so; undefined when none does or several do. */
  byPrefix(prefix: string): string | undefined {
    if (this.#containers.has(prefix)) return prefix;
    const matches = this.#startingWith(prefix);
    return matches.length === 1 ? matches[0] : undefined;
  }

  /** Two at most: more are no more ambiguous. */
  #startingWith(prefix: string): readonly string[] {
    const matches: string[] = [];
    if (prefix === "") return matches;
    for (const id of this.#containers.keys()) {
      if (id.startsWith(prefix) && matches.push(id) === 2) break;
    }
    return matches;
  }

  /** Every container whose image is in use, with those that are being created. */
  users(): readonly Container[] {
    return [...this.#containers.values(), ...this.#forthcoming.values()];
  }

  /** Takes the name and the image of a container that is about to be added. @throws invalid, conflict with Docker's words */
  reserve(container: Container): void {
    this.#takeName(container.name, container.id);
    this.#forthcoming.set(container.id, container);
  }

  /** Undoes a reserve, or an add whose row could not be written. */
  withdraw(container: Container): void {
    this.#forthcoming.delete(container.id);
    this.#delete(container.id);
    this.#freeName(container.name, container.id);
  }

  #takeName(name: string, id: string, prefix = ""): void {
    if (!nameGrammar.test(name)) {
      // Docker names it with its slash once it has one.
      throw fault(
        "invalid",
        `${prefix}Invalid container name (${prefix === "" ? "" : "/"}${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
      );
    }
    const holder = this.#names.get(name);
    if (holder !== undefined) {
      const advice = "You have to remove (or rename) that container to be able to reuse that name.";
      throw fault("conflict", `${prefix}Conflict. The container name "/${name}" is already in use by container "${holder}". ${advice}`);
    }
    this.#names.set(name, id);
  }

  isNameFree(name: string): boolean {
    return !this.#names.has(name);
  }

  #freeName(name: string, id: string): void {
    if (this.#names.get(name) === id) this.#names.delete(name);
  }

  /** Makes a reserved container visible; resolves when its row is committed. */
  add(container: Container): Promise<void> {
    this.#forthcoming.delete(container.id);
    this.#set(container);
    return this.#table.put(container.id, toRow(container), durabilityOf(container));
  }

  /** Applies a change to the container's state. @throws what `apply` refuses; not-found */
  change(id: string, change: Change): Promise<Container> {
    const container = this.find(id);
    return this.update(id, { state: apply(container.state, change) });
  }

  /**
   * As `change`, but returns at once: nobody may be told of this state before a later change of the same container is committed, which
   * holds this one too, since rows are written in order. `failed` hears when the row could not be written.
   */
  changeBehind(id: string, change: Change, failed: (error: unknown) => void): Container {
    const container = this.find(id);
    this.update(id, { state: apply(container.state, change) }, "lazy").catch(failed);
    return this.find(id);
  }

  /** Replaces fields; the new value is visible before the promise resolves. */
  async update(id: string, fields: Partial<Container>, durability: Durability = "volatile"): Promise<Container> {
    const next: Container = { ...this.find(id), ...fields };
    const updated = { ...next, generation: next.generation + 1 };
    this.#set(updated);
    await this.#table.put(id, toRow(updated), durability);
    return updated;
  }

  /** Replaces a container in memory; its row follows with the next change. */
  replace(container: Container): void {
    this.#set(container);
  }

  #set(container: Container): void {
    this.#containers.set(container.id, container);
    this.#order = undefined;
  }

  #delete(id: string): void {
    this.#containers.delete(id);
    this.#order = undefined;
  }

  async rename(id: string, name: string): Promise<Container> {
    const container = this.find(id);
    this.#takeName(name, id, "Error when allocating new name: ");
    this.#names.delete(container.name);
    return this.update(id, { name }, durabilityOf(container));
  }

  /** Gives it another spec for good; resolves when the row is committed. */
  setSpec(id: string, spec: ContainerSpec): Promise<Container> {
    return this.update(id, { spec }, durabilityOf(this.find(id)));
  }

  async remove(id: string): Promise<void> {
    const container = this.#containers.get(id);
    if (container === undefined) return;
    this.#delete(id);
    this.#freeName(container.name, id);
    await this.#table.remove(id, durabilityOf(container));
  }

  /** Runs `work` when everything that was queued for this container before it is done. Not reentrant. */
  async locked<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#locks.get(id) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(ignore, ignore);
    this.#locks.set(id, settled);
    try {
      return await mine;
    } finally {
      if (this.#locks.get(id) === settled) this.#locks.delete(id);
    }
  }
}

function durabilityOf(container: Container): Durability {
  return container.spec.host.autoRemove ? "volatile" : "durable";
}

function ignore(): void {}
