import { fault, isFault, messageOf } from "#base";
import type { BindSources } from "#container";
import type { KernelPort } from "#linux";
import { KernelError, hasCode } from "#linux";

/** Bind sources on this machine, touched only by kernel workers. */
export class HostBindSources implements BindSources {
  readonly #kernel: KernelPort;

  constructor(kernel: KernelPort) {
    this.#kernel = kernel;
  }

  async look(path: string): Promise<"folder" | "file" | undefined> {
    try {
      return await this.#kernel.run("hostPathKind", path);
    } catch (error) {
      if (!isFault(error, "unavailable")) throw error;
      throw fault("unavailable", `bind source path '${path}' does not answer: is what is mounted there gone?`, { cause: error });
    }
  }

  async make(path: string): Promise<void> {
    try {
      await this.#kernel.run("makeHostFolder", path);
    } catch (error) {
      if (!(error instanceof KernelError) && !hasCode(error, "EACCES", "EROFS", "ENOTDIR")) throw error;
      throw fault("internal", `error while creating mount source path '${path}': ${messageOf(error)}`, { cause: error });
    }
  }
}
