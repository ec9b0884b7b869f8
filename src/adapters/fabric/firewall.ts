import { closeFd, type KernelPort, type NftElement, type NftTable, openNetfilter, type UdpFlows, watchNftables } from "#linux";
import { elementKey } from "./ruleset.ts";
import { Turns } from "./turns.ts";

/** Milliseconds after which a change is looked at: whoever flushes a ruleset mostly goes on to load another. */
const settling = 100;

interface Wanted {
  readonly element: NftElement;
  /** The endpoint it belongs to; absent for what an earlier daemon left, until `replaceAll`. */
  readonly owner?: string;
}

/**
 * The daemon's nftables table: what should stand in it, and the transactions that make it so.
 *
 * Changes that come together go together: while one transaction runs, the next gathers. Whatever fails or was changed by others is
 * answered by putting the whole table anew, in one transaction, so no packet meets half of it. The kernel tells when anybody changes
 * rules; as long as the generation is the one that our last transaction made, nobody has, and the table is not read.
 */
export class Firewall implements AsyncDisposable {
  readonly #kernel: KernelPort;
  readonly #table: NftTable;
  readonly #maps: readonly string[];
  readonly #socket = openNetfilter();
  readonly #wanted = new Map<string, Wanted>();
  /** What we left in the kernel. */
  #standing = new Map<string, NftElement>();
  /** The generation of the ruleset in which all of it stood; undefined where that is not known. */
  #generation: number | undefined;
  /** A change was refused, so what stands is not what is wanted. */
  #failed = false;
  #watch: Disposable | undefined;
  #look: NodeJS.Timeout | undefined;
  readonly #dirty = new Set<string>();
  readonly #turns = new Turns();
  #gathering: Promise<void> | undefined;
  #checking: Promise<void> | undefined;

  private constructor(kernel: KernelPort, table: NftTable) {
    this.#kernel = kernel;
    this.#table = table;
    this.#maps = table.maps.map((map) => map.name);
  }

  /** Puts the table; elements that an earlier daemon left stay until `replaceAll`. */
  static async open(kernel: KernelPort, table: NftTable): Promise<Firewall> {
    const firewall = new Firewall(kernel, table);
    try {
      const found = await kernel.run("readNftTable", firewall.#socket, table.name, firewall.#maps);
      for (const element of found?.elements ?? []) firewall.#wanted.set(elementKey(element), { element });
      await firewall.#put();
      firewall.#watch = await watchNftables(() => firewall.#lookSoon());
      return firewall;
    } catch (error) {
      await firewall[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Resolves when the endpoint's elements stand. */
  add(owner: string, elements: readonly NftElement[]): Promise<void> {
    for (const element of elements) this.#want(elementKey(element), { element, owner });
    return elements.length === 0 ? Promise.resolve() : this.#commit();
  }

  /** Resolves when those of the elements that are this endpoint's, or nobody's, are gone. */
  remove(owner: string, elements: readonly NftElement[]): Promise<void> {
    const own = elements.map(elementKey).filter((key) => [undefined, owner].includes(this.#wanted.get(key)?.owner));
    for (const key of own) {
      this.#wanted.delete(key);
      this.#dirty.add(key);
    }
    return own.length === 0 ? Promise.resolve() : this.#commit();
  }

  /** Forgets what no endpoint owns but for `kept`, and puts the table anew. */
  replaceAll(kept: readonly NftElement[]): Promise<void> {
    const keys = new Set(kept.map(elementKey));
    for (const [key, { owner }] of this.#wanted) {
      if (owner === undefined && !keys.has(key)) this.#wanted.delete(key);
    }
    for (const element of kept) {
      const key = elementKey(element);
      if (!this.#wanted.has(key)) this.#wanted.set(key, { element });
    }
    return this.#turns.take(() => this.#put());
  }

  /** Looks whether rules and elements stand as they should, and puts the table anew where somebody changed them or a change of ours failed. */
  check(): Promise<void> {
    this.#checking ??= this.#turns.take(async () => {
      this.#checking = undefined;
      if (!(await this.#stands())) await this.#put();
    });
    return this.#checking;
  }

  /** Lets flows of UDP be decided anew, behind all changes that were asked for before. */
  async forgetFlows(which: readonly UdpFlows[]): Promise<void> {
    await Promise.all(which.map((flows) => this.#turns.take(() => this.#kernel.run("forgetUdpFlows", this.#socket, flows))));
  }

  /** Removes the table. */
  drop(): Promise<void> {
    return this.#turns.take(() => this.#kernel.run("dropNftTable", this.#socket, this.#table.name));
  }

  /** Lets go of the table, which stays, when everything asked for is done. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#watch?.[Symbol.dispose]();
    clearTimeout(this.#look);
    await this.#turns.idle();
    closeFd(this.#socket);
  }

  /** What fails here is found again at the next change of anybody's and at the next claim, which reports it. */
  #lookSoon(): void {
    this.#look ??= setTimeout(() => {
      this.#look = undefined;
      void this.check().catch(() => undefined);
    }, settling).unref();
  }

  #want(key: string, wanted: Wanted): void {
    this.#wanted.set(key, wanted);
    this.#dirty.add(key);
  }

  #commit(): Promise<void> {
    this.#gathering ??= this.#turns.take(() => {
      this.#gathering = undefined;
      return this.#flush();
    });
    return this.#gathering;
  }

  async #flush(): Promise<void> {
    const keys = [...this.#dirty];
    this.#dirty.clear();
    const changed = keys.filter((key) => !sameElement(this.#standing.get(key), this.#wanted.get(key)?.element));
    const removed = changed.map((key) => this.#standing.get(key)).filter((element) => element !== undefined);
    const added = changed.map((key) => this.#wanted.get(key)?.element).filter((element) => element !== undefined);
    if (changed.length === 0) return;
    try {
      this.#follows(await this.#kernel.run("changeNftElements", this.#socket, this.#table.name, { removed, added }));
    } catch {
      // The table is not as we left it: it is put anew as it should be, and only the failure of that counts.
      return this.#put();
    }
    for (const element of removed) this.#standing.delete(elementKey(element));
    for (const element of added) this.#standing.set(elementKey(element), element);
  }

  async #put(): Promise<void> {
    const elements = [...this.#wanted.values()].map(({ element }) => element);
    this.#failed = true;
    this.#follows(await this.#kernel.run("replaceNftTable", this.#socket, this.#table, elements));
    this.#failed = false;
    this.#standing = new Map(elements.map((element) => [elementKey(element), element]));
  }

  /** After a transaction of ours: whether it was the only one since all of the table was known to stand. */
  #follows(generation: number): void {
    this.#generation = this.#generation !== undefined && generation === this.#generation + 1 ? generation : undefined;
  }

  async #stands(): Promise<boolean> {
    if (this.#failed) return false;
    const generation = await this.#kernel.run("readNftGeneration", this.#socket);
    if (generation === this.#generation) return true;
    const found = await this.#kernel.run("readNftTable", this.#socket, this.#table.name, this.#maps);
    const rules = this.#table.chains.reduce((sum, chain) => sum + chain.rules.length, 0);
    if (found?.rules !== rules || found.elements.length !== this.#standing.size) return false;
    if (!found.elements.every((element) => sameElement(this.#standing.get(elementKey(element)), element))) return false;
    this.#generation = generation;
    return true;
  }
}

function sameElement(one: NftElement | undefined, other: NftElement | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return elementKey(one) === elementKey(other) && one.value.toHex() === other.value.toHex();
}
