// An initramfs as the kernel reads it: a cpio archive in "newc" form (Documentation/driver-api/early-userspace/buffer-format.rst).

export interface InitramfsFile {
  readonly path: string;
  /** With the type: 0o100755, 0o040755, 0o120777 for a link whose bytes are its target. */
  readonly mode: number;
  readonly bytes?: Uint8Array;
}

export function writeInitramfs(files: readonly InitramfsFile[]): Uint8Array<ArrayBuffer> {
  const parts = [...files, { path: "TRAILER!!!", mode: 0 }].flatMap((file, at) => entry(file, at + 1));
  return new Uint8Array(Buffer.concat(parts));
}

function entry({ path, mode, bytes = new Uint8Array() }: InitramfsFile, inode: number): Uint8Array[] {
  const name = Buffer.from(`${path}\0`);
  const fields = [inode, mode, 0, 0, 1, 0, bytes.length, 0, 0, 0, 0, name.length, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, "0")).join("")}`);
  return [padded(Buffer.concat([header, name])), padded(bytes)];
}

function padded(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, new Uint8Array((4 - (bytes.length % 4)) % 4)]);
}
