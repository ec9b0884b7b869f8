// Writes small zip archives for tests, hostile ones too.
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipMember {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** What the directory says of the size; the truth when absent. */
  readonly claimedSize?: number;
  /** Unix mode with the type of the file. */
  readonly mode?: number;
}

export function zipOf(members: readonly ZipMember[]): Uint8Array {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, claimedSize, mode = 0o100644 } of members) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const label = Buffer.from(name);
    // From the version that is needed to the lengths of name and extra field: the same in both places.
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(8, 4);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(claimedSize ?? bytes.length, 18);
    facts.writeUInt16LE(label.length, 22);
    const places = Buffer.alloc(14);
    places.writeUInt32LE((mode << 16) >>> 0, 6);
    places.writeUInt32LE(offset, 10);
    const file = Buffer.concat([Buffer.from("PK\u0003\u0004"), facts, label, packed]);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0003"), facts, places, label]));
    files.push(file);
    offset += file.length;
  }
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  const size = directory.reduce((sum, entry) => sum + entry.length, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, ...directory, end]);
}
