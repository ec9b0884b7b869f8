// Stub layers on disk: stubs/<key>/{tree,chain}, one for each chain of layers, made when a container first needs it (linux/stub-layer.ts says
// what is in it). A cache: one whose layers are gone is thrown away, and one that is gone is made again.
import { type Digest, newId } from "#base";
import type { LayerStore } from "#image";
import type { KernelPort } from "#linux";
import { join } from "node:path";
import type { Trash } from "./trash.ts";

interface StubLayersOptions {
  readonly folder: string;
  readonly layers: LayerStore;
  readonly kernel: KernelPort;
  readonly trash: Trash;
}

/** Chains that are made between two looks for chains that nobody can need. */
const sweepEvery = 64;
const maxChainFile = 1024 * 1024;
const scratchPrefix = ".new-";

export class StubLayers {
  readonly #options: StubLayersOptions;
  readonly #building = new Map<string, Promise<void>>();
  #built = 0;
  #sweeping: Promise<void> | undefined;

  constructor(options: StubLayersOptions) {
    this.#options = options;
  }

  /** The lowerdir of a chain's stub layer, whether or not it is made. */
  folder(layers: readonly Digest[]): string {
    return join(this.#home(layers), "tree");
  }

  /** Makes the chain's stub layer where it is not there. @throws KernelError */
  async ensure(layers: readonly Digest[]): Promise<void> {
    const kind = await this.#options.kernel.run("hostPathKind", this.folder(layers));
    if (kind === undefined) await this.build(layers);
  }

  /** Makes the chain's stub layer; many at once make it once. @throws KernelError */
  async build(layers: readonly Digest[]): Promise<void> {
    const home = this.#home(layers);
    let building = this.#building.get(home);
    if (building === undefined) {
      building = this.#build(home, layers).finally(() => this.#building.delete(home));
      this.#building.set(home, building);
    }
    await building;
  }

  async #build(home: string, chain: readonly Digest[]): Promise<void> {
    const { folder, layers, kernel } = this.#options;
    if (this.#built % sweepEvery === 0) this.#sweeping = this.#sweep(this.#built === 0);
    this.#built += 1;
    await this.#sweeping;
    await layers.attach(chain, { anew: true });
    await kernel.run("buildStubs", {
      folder: home,
      scratch: join(folder, `${scratchPrefix}${newId()}`),
      chain: chain.join("\n"),
      layers: chain.map((layer) => ({ lowerdir: layers.lowerdir(layer), implied: layers.implied?.(layer) ?? [] })).toReversed(),
    });
  }

  /** The first time, before any is made here, what carries the name of one in the making is a killed daemon's. */
  async #sweep(isFirst: boolean): Promise<void> {
    const { folder, layers, kernel, trash } = this.#options;
    const unpacked = new Set<string>((await layers.list()).map(({ diffId }) => diffId));
    for (const name of await kernel.run("listFolders", folder)) {
      const path = join(folder, name);
      if (this.#building.has(path)) continue;
      const isLost = name.startsWith(scratchPrefix) ? isFirst : await this.#hasLost(path, unpacked);
      if (isLost) await trash.discard(path);
    }
  }

  async #hasLost(path: string, unpacked: ReadonlySet<string>): Promise<boolean> {
    const [chain] = await this.#options.kernel.run("readInRoot", { path }, ["chain"], maxChainFile);
    if (chain?.type !== "read") return true;
    const layers = new TextDecoder().decode(chain.bytes).split("\n");
    return layers.some((layer) => layer !== "" && !unpacked.has(layer));
  }

  #home(layers: readonly Digest[]): string {
    return join(this.#options.folder, new Bun.CryptoHasher("sha256").update(layers.join("\n")).digest("hex"));
  }
}
