import { messageOf } from "#base";
import { type CdiSpec, type DeviceSpecFile, type DeviceSpecs, parseCdiSpec } from "#container";
import type { KernelPort } from "#linux";

/** See the port. Later folders rank above earlier ones. */
export class DeviceSpecFolders implements DeviceSpecs {
  readonly #kernel: KernelPort;
  readonly #folders: readonly string[];

  constructor(kernel: KernelPort, folders: readonly string[]) {
    this.#kernel = kernel;
    this.#folders = folders;
  }

  get isEnabled(): boolean {
    return this.#folders.length > 0;
  }

  async read(): Promise<readonly DeviceSpecFile[]> {
    const files = await Promise.all(
      this.#folders.map(async (folder, priority) => {
        const found = await this.#kernel.run("readSpecFolder", folder);
        return await Promise.all(found.map(async (file) => ({ path: file.path, priority, ...(await this.#parsed(file)) })));
      }),
    );
    return files.flat();
  }

  async #parsed({ document, problem }: { readonly document?: unknown; readonly problem?: string }): Promise<Partial<DeviceSpecFile>> {
    if (problem !== undefined) return { problem };
    try {
      const spec = parseCdiSpec(document);
      const reasons = await Promise.all(programsOf(spec).map((path) => this.#kernel.run("programProblem", path)));
      const reason = reasons.find((each) => each !== undefined);
      return reason === undefined ? { spec } : { problem: reason };
    } catch (error) {
      return { problem: messageOf(error) };
    }
  }
}

function programsOf({ edits, devices }: CdiSpec): readonly string[] {
  return [...new Set([edits, ...devices.values()].flatMap(({ hooks = [] }) => hooks.map(({ path }) => path)))];
}
