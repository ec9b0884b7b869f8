// Loop devices (loop(4)): a file as a block device, read-only, gone with its last user.
import { constants } from "node:fs";
import { anywhere, openAt, withFd } from "./descriptor.ts";
import { KernelError } from "./kernel-error.ts";
import { syscall, syscallRaw } from "./libc.ts";
import { sys } from "./numbers.ts";

const LOOP_CTL_GET_FREE = 0x4c82;
const LOOP_CONFIGURE = 0x4c0a;
const LO_FLAGS_READ_ONLY = 1;
const LO_FLAGS_AUTOCLEAR = 4;
const EBUSY = 16;
const sectorSize = 512;
/** struct loop_config (linux/loop.h): descriptor, block size, then a struct loop_info64 with its flags at 52. */
const config = { size: 304, descriptorAt: 0, blockSizeAt: 4, flagsAt: 8 + 52 } as const;
const attempts = 64;

/** A free loop device with the file on it; it is the caller's while `descriptors` are open, then its mount's. @throws KernelError */
export function attachLoop(path: string, descriptors: number[]): string {
  return withFd(openAt(anywhere, path, constants.O_RDONLY), (file) => {
    for (let attempt = 1; ; attempt += 1) {
      const { name, fd } = freeDevice();
      const result = syscallRaw(sys.ioctl, fd, LOOP_CONFIGURE, configOf(file));
      if (result >= 0) {
        descriptors.push(fd);
        return name;
      }
      syscallRaw(sys.close, fd);
      // Somebody else was quicker with this one.
      if (result !== -EBUSY || attempt === attempts) throw new KernelError("LOOP_CONFIGURE", -result, name);
    }
  });
}

function freeDevice(): { readonly name: string; readonly fd: number } {
  const number = withFd(openAt(anywhere, "/dev/loop-control", constants.O_RDWR), (control) =>
    syscall({ name: "LOOP_CTL_GET_FREE", number: sys.ioctl }, control, LOOP_CTL_GET_FREE),
  );
  const name = `/dev/loop${number}`;
  return { name, fd: openAt(anywhere, name, constants.O_RDONLY) };
}

function configOf(file: number): Uint8Array {
  const bytes = new Uint8Array(config.size);
  const view = new DataView(bytes.buffer);
  view.setUint32(config.descriptorAt, file, true);
  view.setUint32(config.blockSizeAt, sectorSize, true);
  view.setUint32(config.flagsAt, LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR, true);
  return bytes;
}
