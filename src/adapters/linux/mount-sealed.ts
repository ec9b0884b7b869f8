// Sealed layers in the mount table: an EROFS index with its archive as the extra device (Documentation/filesystems/erofs.rst). By their files
// from Linux 6.12 on, by two loop devices from 6.4; what the machine can is found out by trying.
import { constants, existsSync, mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { closeFd, openAt, withFd } from "./descriptor.ts";
import { hasCode } from "./kernel-error.ts";
import { attachLoop } from "./loop-device.ts";
import { detachMounts } from "./mount-calls.ts";
import { assign, createMount, openContext, placeMount, setFlag, shortName } from "./mount-context.ts";

export type SealedMethod = "file" | "loop";

interface SealedMount {
  readonly index: string;
  readonly archive: string;
  /** A folder that is made; the mount is there when `target`/`mark` is. */
  readonly target: string;
  readonly mark: string;
}

const MOUNT_ATTR_RDONLY = 1;
const MOUNT_ATTR_NOSUID = 2;
const MOUNT_ATTR_NODEV = 4;
const attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;

/** Mounts what is not mounted yet. @throws KernelError ENOTBLK by file, where the kernel or the file system below wants a block device */
function mountSealed(mounts: readonly SealedMount[], method: SealedMethod): void {
  for (const mount of mounts) {
    if (!existsSync(join(mount.target, mount.mark))) mountOne(mount, method);
  }
}

function mountOne(mount: SealedMount, method: SealedMethod): void {
  mkdirSync(mount.target, { recursive: true, mode: 0o700 });
  withSealed(mount, method, (fd) => placeMount(fd, mount.target));
}

/** Runs `use` with the root of a mount that lies nowhere. @throws KernelError */
function withSealed<Result>(
  { index, archive }: Pick<SealedMount, "index" | "archive">,
  method: SealedMethod,
  use: (mount: number) => Result,
): Result {
  const descriptors: number[] = [];
  try {
    const context = openContext("erofs", descriptors);
    const nameOf = (path: string): string => (method === "file" ? shortName(path, descriptors) : attachLoop(path, descriptors));
    assign(context, "source", nameOf(index));
    assign(context, "device", nameOf(archive));
    setFlag(context, "ro");
    const mount = createMount(context, index, attributes);
    descriptors.push(mount);
    return use(mount);
  } finally {
    for (const fd of descriptors.toReversed()) closeFd(fd);
  }
}

interface Probe {
  readonly index: string;
  readonly archive: string;
  /** A file in the layer and what it says. */
  readonly path: string;
  readonly text: string;
}

/** The first method by which the layer can be mounted and read, and why those before it fail. */
function probeSealed(
  probe: Probe,
  methods: readonly SealedMethod[],
): { readonly method: SealedMethod | undefined; readonly refusals: readonly string[] } {
  const refusals: string[] = [];
  for (const method of methods) {
    try {
      const found = withSealed(probe, method, (mount) =>
        withFd(openAt(mount, probe.path, constants.O_RDONLY), (fd) => readFileSync(fd, "utf8")),
      );
      if (found === probe.text) return { method, refusals };
      refusals.push(`by ${method}: what is read is not what was written`);
    } catch (error) {
      refusals.push(`by ${method}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { method: undefined, refusals };
}

/** Takes a layer out of the mount table; who uses it keeps it until then. @throws KernelError */
function unmountSealed(target: string): void {
  detachMounts(target);
  try {
    rmdirSync(target);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

export const sealedCalls = { mountSealed, unmountSealed, probeSealed };
