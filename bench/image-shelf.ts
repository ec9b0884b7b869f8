import { type ImageParts } from "../test/support/image-parts.ts";
import { startRegistry, type TestRegistry } from "../test/support/registry.ts";
import type { Engine } from "./engine.ts";
import { hostImage } from "./host-image.ts";

/** Images that nobody has pulled yet, in registries that each engine reaches from where it lives, over the same data. */
class Shelf {
  #outside: Promise<TestRegistry> | undefined;
  readonly #inside = new Map<Engine, TestRegistry>();
  readonly #pushed = new Map<number, Promise<ImageParts>>();
  readonly #given = new Map<Engine, number>();

  async open(engine: Engine): Promise<AsyncDisposable> {
    const { data } = await (this.#outside ??= startRegistry());
    this.#inside.set(engine, await startRegistry({ data, prefix: engine.prefix }));
    return { [Symbol.asyncDispose]: () => this.#close(engine) };
  }

  /** The next that this engine has not had: others get the same ones in the same order. */
  async next(engine: Engine): Promise<{ readonly name: string; readonly origin: string; readonly parts: ImageParts }> {
    const registry = this.#inside.get(engine);
    if (registry === undefined) throw new Error(`no registry for ${engine.name}`);
    const number = (this.#given.get(engine) ?? 0) + 1;
    this.#given.set(engine, number);
    const pushed = this.#pushed.get(number) ?? this.#push(number);
    this.#pushed.set(number, pushed);
    return { name: `${registry.host}/shelf:v${number}`, origin: registry.origin, parts: await pushed };
  }

  async #push(number: number): Promise<ImageParts> {
    const registry = await (this.#outside ??= startRegistry());
    const parts = hostImage(number);
    for (const bytes of [...parts.layers, parts.config]) await registry.pushBlob("shelf", bytes);
    await registry.pushManifest("shelf", `v${number}`, { mediaType: "application/vnd.oci.image.manifest.v1+json", bytes: parts.manifest });
    return parts;
  }

  async #close(engine: Engine): Promise<void> {
    await this.#inside.get(engine)?.[Symbol.asyncDispose]();
    this.#inside.delete(engine);
    if (this.#inside.size > 0) return;
    await (await this.#outside)?.[Symbol.asyncDispose]();
    this.#outside = undefined;
    this.#pushed.clear();
    this.#given.clear();
  }
}

/** One for all engines. */
export const shelf = new Shelf();
