import { fault, isFault, messageOf } from "#base";
import type { BindSources, OpenedSource, SourceAppearance, SourceMount } from "#container";
import type { KernelPort, SeenAs } from "#linux";
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

  async mountOf(path: string): Promise<SourceMount> {
    return await this.#kernel.run("mountOf", path);
  }

  async open(path: string, place: string, { recursive, owners }: SourceAppearance): Promise<OpenedSource> {
    try {
      await this.#kernel.run("showSource", path, place, { recursive, ...(owners !== undefined && { owners: seenAs(owners) }) });
    } catch (error) {
      if (owners === undefined || !hasCode(error, "EINVAL", "EPERM", "ENOSYS")) throw error;
      const reason = `the file system of bind source path '${path}', or one that is mounted below it, cannot show other owners (owner=)`;
      throw fault("unsupported", `${reason}: ${messageOf(error)}`, { cause: error });
    }
    return { path: place, [Symbol.asyncDispose]: () => this.#kernel.run("hideShown", place) };
  }
}

function seenAs({ of, as }: NonNullable<SourceAppearance["owners"]>): { readonly user: SeenAs; readonly group: SeenAs } {
  return { user: { disk: of.uid, seen: as.uid }, group: { disk: of.gid, seen: as.gid } };
}
