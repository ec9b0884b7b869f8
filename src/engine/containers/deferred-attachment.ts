import type { Attachment, OutputChunk } from "#container";

/**
 * An attachment to a container that does not run yet, as `docker run` makes one between create and start. What is written
 * waits; output begins with the process's first byte. `bind` gives it the live process, `cancel` ends it without one.
 */
export class DeferredAttachment implements Attachment {
  readonly #live = Promise.withResolvers<Attachment | undefined>();
  #disposed = false;

  bind(attachment: Attachment): void {
    if (this.#disposed) void attachment[Symbol.asyncDispose]();
    else this.#live.resolve(attachment);
  }

  cancel(): void {
    this.#live.resolve(undefined);
  }

  get output(): AsyncIterable<OutputChunk> {
    return this.#output();
  }

  async write(bytes: Uint8Array): Promise<void> {
    await (await this.#live.promise)?.write(bytes);
  }

  async end(): Promise<void> {
    await (await this.#live.promise)?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#live.resolve(undefined);
    await (await this.#live.promise)?.[Symbol.asyncDispose]();
  }

  async *#output(): AsyncGenerator<OutputChunk> {
    const attachment = await this.#live.promise;
    if (attachment !== undefined) yield* attachment.output;
  }
}
