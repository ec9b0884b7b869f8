// A program of two system calls as an ELF file: write(1, message), exit(0). One segment, no libraries, no stack (elf(5)).
const headerSize = 64;
const segmentSize = 56;
const codeOffset = headerSize + segmentSize;
const base = 0x400000;

/** "amd64" or "arm64", as images name them. */
export type Architecture = "amd64" | "arm64";

const machines: Readonly<Record<Architecture, number>> = { amd64: 62, arm64: 183 };

/** A static executable for Linux that prints a message and ends with 0. The same bytes for the same message, always. */
export function printingProgram(architecture: Architecture, message: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(message);
  const code = architecture === "amd64" ? amd64Code(text.length) : arm64Code(text.length);
  const bytes = new Uint8Array(codeOffset + code.length + text.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true); // ET_EXEC
  view.setUint16(18, machines[architecture], true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(base + codeOffset), true);
  view.setBigUint64(32, BigInt(headerSize), true);
  view.setUint16(52, headerSize, true);
  view.setUint16(54, segmentSize, true);
  view.setUint16(56, 1, true);
  view.setUint32(headerSize, 1, true); // PT_LOAD
  view.setUint32(headerSize + 4, 5, true); // read and execute
  view.setBigUint64(headerSize + 16, BigInt(base), true);
  view.setBigUint64(headerSize + 24, BigInt(base), true);
  view.setBigUint64(headerSize + 32, BigInt(bytes.length), true);
  view.setBigUint64(headerSize + 40, BigInt(bytes.length), true);
  view.setBigUint64(headerSize + 48, 0x10000n, true); // the largest page of arm64
  bytes.set(code, codeOffset);
  bytes.set(text, codeOffset + code.length);
  return bytes;
}

function amd64Code(length: number): Uint8Array {
  const code = [
    [0xb8, ...word(1)], // mov eax, write
    [0xbf, ...word(1)], // mov edi, stdout
    [0x48, 0x8d, 0x35, ...word(0x10)], // lea rsi, [rip + behind the code]
    [0xba, ...word(length)], // mov edx, length
    [0x0f, 0x05], // syscall
    [0xb8, ...word(60)], // mov eax, exit
    [0x31, 0xff], // xor edi, edi
    [0x0f, 0x05], // syscall
  ].flat();
  return Uint8Array.from(code);
}

function arm64Code(length: number): Uint8Array {
  const load = (register: number, value: number): number => 0xd2800000 + value * 32 + register;
  const address = (register: number, distance: number): number => 0x10000000 + (distance / 4) * 32 + register;
  const supervisorCall = 0xd4000001;
  const code = [
    load(0, 1), // stdout
    address(1, 7 * 4), // the message, seven instructions on
    load(2, length),
    load(8, 64), // write
    supervisorCall,
    load(0, 0),
    load(8, 93), // exit
    supervisorCall,
  ];
  return Uint8Array.from(code.flatMap(word));
}

function word(value: number): readonly number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}
