import { closeSync, lstatSync, openSync, read, readdirSync, readlinkSync, type Stats } from "node:fs";
import { promisify } from "node:util";
import { byteString, byteStringOfText, type ByteString, tarEnd, tarHeader, tarPadding, type TarMember } from "#image";

const readFile = promisify(read);
const pieceSize = 1024 * 1024;

/** A file or directory of this machine as a tar, named so. Names are bytes all the way; sockets are left out. */
export async function* localArchive(path: string, name: string): AsyncGenerator<Uint8Array> {
  const linked = new Map<string, ByteString>();
  yield* entries(Buffer.from(path), byteStringOfText(name), linked);
  yield tarEnd();
}

async function* entries(path: Buffer, name: ByteString, linked: Map<string, ByteString>): AsyncGenerator<Uint8Array> {
  const status = lstatSync(path);
  const type = typeOf(status);
  if (type === undefined) return;
  const member = {
    name,
    mode: status.mode & 0o7777,
    uid: status.uid,
    gid: status.gid,
    mtime: { seconds: Math.floor(status.mtimeMs / 1000), nanos: 0 },
  };
  if (type === "directory") {
    yield tarHeader({ ...member, type, name: name === "/" ? "/" : `${name}/` });
    const names = (readdirSync(path, { encoding: "buffer" }) as readonly Uint8Array[])
      .map((bytes) => Buffer.from(bytes))
      .toSorted((left, right) => left.compare(right));
    for (const child of names)
      yield* entries(Buffer.concat([path, slash, child]), `${name === "/" ? "" : name}/${byteString(child)}`, linked);
    return;
  }
  const first = status.nlink > 1 ? linked.get(`${status.dev}:${status.ino}`) : undefined;
  if (first !== undefined) {
    yield tarHeader({ ...member, type: "hardlink", linkName: first });
    return;
  }
  if (status.nlink > 1) linked.set(`${status.dev}:${status.ino}`, name);
  if (type === "file") yield* fileEntry(path, member, status.size);
  else if (type === "symlink") yield tarHeader({ ...member, type, linkName: byteString(readlinkSync(path, { encoding: "buffer" })) });
  else yield tarHeader({ ...member, type, major: majorOf(status.rdev), minor: minorOf(status.rdev) });
}

const slash = Buffer.from("/");

/** As much as was announced: a file that shrinks meanwhile is filled with zeros. */
async function* fileEntry(path: Buffer, member: Omit<TarMember, "type">, size: number): AsyncGenerator<Uint8Array> {
  const file = openSync(path, "r");
  try {
    yield tarHeader({ ...member, type: "file", size });
    for (let left = size; left > 0;) {
      const piece = new Uint8Array(Math.min(left, pieceSize));
      const { bytesRead } = await readFile(file, piece, 0, piece.length, null);
      const length = bytesRead === 0 ? piece.length : bytesRead;
      yield piece.subarray(0, length);
      left -= length;
    }
    yield tarPadding(size);
  } finally {
    closeSync(file);
  }
}

function typeOf(status: Stats): TarMember["type"] | undefined {
  if (status.isFile()) return "file";
  if (status.isDirectory()) return "directory";
  if (status.isSymbolicLink()) return "symlink";
  if (status.isCharacterDevice()) return "char";
  if (status.isBlockDevice()) return "block";
  return status.isFIFO() ? "fifo" : undefined;
}

/** makedev(3), backwards. */
function majorOf(device: number): number {
  return (Math.floor(device / 256) & 0xfff) | (Math.floor(device / 2 ** 32) & 0xfffff000);
}

function minorOf(device: number): number {
  return (device & 0xff) | (Math.floor(device / 2 ** 12) & 0xffffff00);
}
