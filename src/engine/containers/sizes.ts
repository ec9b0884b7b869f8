import { messageOf } from "#base";
import { type Container, isLive } from "#container";
import type { ContainerSize } from "../verbs.ts";
import type { ContainerNeeds } from "./needs.ts";

type SizeNeeds = Pick<ContainerNeeds, "roster" | "rootfs" | "layers" | "logger">;

/** Measurements under way at once: few, since starts and stops need the same kernel workers. */
const lanes = 2;

/**
 * Measures what containers have written. Of one that does not run the size stays as it was measured, as long as it is the same container in the
 * same state: nothing but its process writes there (what else ever does must change the container). Two that ask at once for the same one share the work.
 */
export class SizeMeter {
  readonly #needs: SizeNeeds;
  readonly #settled = new WeakMap<Container, number>();
  readonly #running = new Map<string, Promise<number | undefined>>();

  constructor(needs: SizeNeeds) {
    this.#needs = needs;
  }

  async measure(ids: readonly string[]): Promise<readonly (ContainerSize | undefined)[]> {
    const layerSizes = new Map((await this.#needs.layers.list()).map(({ diffId, size }) => [diffId, size]));
    const sizes: (ContainerSize | undefined)[] = ids.map(() => undefined);
    const queue = ids.keys();
    const lane = async (): Promise<void> => {
      for (const index of queue) sizes[index] = await this.#sizeOf(ids[index] ?? "", layerSizes);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return sizes;
  }

  async #sizeOf(id: string, layerSizes: ReadonlyMap<string, number>): Promise<ContainerSize | undefined> {
    const container = this.#needs.roster.get(id);
    if (container === undefined) return undefined;
    const written = this.#settled.get(container) ?? (await this.#measured(container));
    if (written === undefined) return undefined;
    return { written, total: container.image.layers.reduce((sum, layer) => sum + (layerSizes.get(layer) ?? 0), written) };
  }

  #measured(container: Container): Promise<number | undefined> {
    const known = this.#running.get(container.id);
    if (known !== undefined) return known;
    const measuring = this.#walk(container).finally(() => this.#running.delete(container.id));
    this.#running.set(container.id, measuring);
    return measuring;
  }

  async #walk(container: Container): Promise<number | undefined> {
    try {
      const written = await this.#needs.rootfs.usage(container.id);
      if (!isLive(container.state)) this.#settled.set(container, written);
      return written;
    } catch (error) {
      // It was removed meanwhile, or its disk hangs: the others are told of all the same.
      this.#needs.logger.warn("container could not be measured", { container: container.id, error: messageOf(error) });
      return undefined;
    }
  }
}
