// A program that makes a list of system calls, each in a child of its own, and prints a letter for each: "P" for EPERM, "A" for EACCES,
// "N" for ENOSYS, "." for anything else. It knows the three ways into an x86-64 kernel: syscall, syscall with an x32 number, and int 0x80 of i386. No libraries (elf(5)).

export type ProbedCall =
  | {
      readonly by: "native" | "x32" | "i386";
      readonly number: number;
      /** The first three; -1 for those that are absent and all others. */
      readonly args?: readonly number[];
    }
  /** i386 makes sockets through this call too: its arguments lie in memory, where no filter looks. */
  | { readonly by: "socketcall"; readonly family: number };

const base = 0x400000;
const codeOffset = 120;
const entrySize = 32;
const x32Bit = 0x40000000;
const socketcall = 102;
const wordsSize = 12;

/** A static executable for amd64. */
export function syscallProbe(calls: readonly ProbedCall[]): Uint8Array<ArrayBuffer> {
  const code = probeCode(calls.length);
  const tableAt = codeOffset + code.length;
  const wordsAt = tableAt + calls.length * entrySize;
  const bytes = new Uint8Array(wordsAt + calls.length * wordsSize);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true); // ET_EXEC
  view.setUint16(18, 62, true); // x86-64
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(base + codeOffset), true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint32(64, 1, true); // PT_LOAD
  view.setUint32(68, 7, true); // read, write and execute
  view.setBigUint64(80, BigInt(base), true);
  view.setBigUint64(88, BigInt(base), true);
  view.setBigUint64(96, BigInt(bytes.length), true);
  view.setBigUint64(104, BigInt(bytes.length + calls.length), true); // the results
  view.setBigUint64(112, 0x1000n, true);
  bytes.set(code, codeOffset);
  calls.forEach((call, index) => {
    const at = tableAt + index * entrySize;
    const words = wordsAt + index * wordsSize;
    if (call.by === "socketcall") [call.family, 1, 0].forEach((value, place) => view.setUint32(words + place * 4, value, true));
    const [number, args] = call.by === "socketcall" ? [socketcall, [1, base + words]] : [call.number, call.args ?? []];
    view.setUint32(at, call.by === "i386" || call.by === "socketcall" ? 1 : 0, true);
    view.setUint32(at + 4, call.by === "x32" ? number + x32Bit : number, true);
    for (const place of [0, 1, 2]) view.setBigInt64(at + 8 + place * 8, BigInt(args[place] ?? -1), true);
  });
  return bytes;
}

function probeCode(count: number): Uint8Array {
  const head = [
    [0x4c, 0x8d, 0x25, ...word(0)], // lea r12, table
    [0x4c, 0x8d, 0x2d, ...word(0)], // lea r13, results
    [0x4d, 0x89, 0xef], // mov r15, r13
    [0x41, 0xbe, ...word(count)], // mov r14d, count
    // next, at 0x17:
    [0xb8, ...word(57), 0x0f, 0x05], // fork
    [0x85, 0xc0, 0x74, 0x5d], // in the child: go to child
    [0x89, 0xc7, 0x50, 0x48, 0x89, 0xe6, 0x31, 0xd2, 0x45, 0x31, 0xd2], // (pid, stack, 0, 0)
    [0xb8, ...word(61), 0x0f, 0x05, 0x58], // wait4; pop rax
    [0xa8, 0x7f, 0x74, 0x05], // ended by a signal?
    [0xb8, ...word(0xfe00)], // mov eax, no errno
    [0xb1, 0x2e, 0x80, 0xfc, 1, 0x75, 0x02, 0xb1, 0x50], // "." or "P"
    [0x80, 0xfc, 38, 0x75, 0x02, 0xb1, 0x4e, 0x80, 0xfc, 13, 0x75, 0x02, 0xb1, 0x41], // "N" or "A"
    [0x41, 0x88, 0x4d, 0x00, 0x49, 0xff, 0xc5], // mov [r13], cl; inc r13
    [0x49, 0x83, 0xc4, entrySize, 0x41, 0xff, 0xce, 0x75, 0xb2], // the next entry, while there is one
    [0xb8, ...word(1), 0x89, 0xc7, 0x4c, 0x89, 0xfe, 0xba, ...word(count), 0x0f, 0x05], // write(1, results, count)
    [0xb8, ...word(231), 0x31, 0xff, 0x0f, 0x05], // exit_group(0)
    // child, at 0x7f: a call that waits is allowed, so it is ended after a second.
    [0xb8, ...word(37), 0xbf, ...word(1), 0x0f, 0x05], // alarm(1)
    [0x41, 0x8b, 0x44, 0x24, 4], // mov eax, number
    [0x49, 0x8b, 0x7c, 0x24, 8, 0x49, 0x8b, 0x74, 0x24, 16, 0x49, 0x8b, 0x54, 0x24, 24], // rdi, rsi, rdx
    [0x49, 0x83, 0xca, 0xff, 0x49, 0x83, 0xc8, 0xff, 0x49, 0x83, 0xc9, 0xff], // r10, r8, r9 = -1
    [0x41, 0x83, 0x3c, 0x24, 0x00, 0x75, 0x04, 0x0f, 0x05, 0xeb, 0x0f], // syscall, unless it is i386's
    [0x89, 0xfb, 0x89, 0xf1, 0x83, 0xce, 0xff, 0x83, 0xcf, 0xff, 0x83, 0xcd, 0xff, 0xcd, 0x80], // ebx, ecx, edx, -1...; int 0x80
    [0x31, 0xff, 0x3d, ...word(0xfffff001), 0x72, 0x04, 0xf7, 0xd8, 0x89, 0xc7], // edi = errno
    [0xb8, ...word(231), 0x0f, 0x05], // exit_group(errno)
  ];
  const code = Uint8Array.from(head.flat());
  const view = new DataView(code.buffer);
  const end = code.length;
  view.setInt32(3, end - 7, true);
  view.setInt32(10, end + count * (entrySize + wordsSize) - 14, true);
  return code;
}

function word(value: number): readonly number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}
