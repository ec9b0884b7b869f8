import { fault, isFault } from "#base";
import type { HostDevices, OciDevice } from "#container";
import type { KernelPort } from "#linux";

/** Device nodes of this machine, looked for by kernel workers only: a caller may name any path. */
export class HostDeviceNodes implements HostDevices {
  readonly #kernel: KernelPort;

  constructor(kernel: KernelPort) {
    this.#kernel = kernel;
  }

  async find(path: string): Promise<readonly OciDevice[] | undefined> {
    try {
      return await this.#kernel.run("hostDevices", path);
    } catch (error) {
      if (!isFault(error, "unavailable")) throw error;
      throw fault("unavailable", `device path '${path}' does not answer: is what is mounted there gone?`, { cause: error });
    }
  }
}
