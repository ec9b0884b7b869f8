// What libseccomp cannot say, as instructions in front of its program (struct sock_filter, seccomp(2)):
// - a call that is newer than the profile fails with ENOSYS, for which C libraries have an answer, and not with the profile's own errno;
// - calls that an old library does not know by name are taken by number, which is the same on every machine since 5.1;
// - a rule that says what the profile says anyway: i386's socketcall is opened by the library wherever `socket` is, whatever its arguments.

/** Instructions for one architecture. */
export interface SeccompPrefix {
  /** AUDIT_ARCH_* */
  readonly architecture: number;
  /** Calls by number with what happens to them (SECCOMP_RET_*). */
  readonly calls: ReadonlyMap<number, number>;
  /** The highest number that the profile knows; absent when what is beyond it is the profile's affair. */
  readonly newest?: number;
}

const ENOSYS = 38;
const SECCOMP_RET_ERRNO = 0x00050000;
const AUDIT_ARCH_X86_64 = 0xc000003e;
/** From here on the numbers of x32, which shares its architecture with x86-64. */
const x32 = 0x40000000;
const nrOffset = 0;
const archOffset = 4;

/** BPF_LD | BPF_W | BPF_ABS, BPF_JMP with BPF_JEQ, BPF_JGT, BPF_JGE, and BPF_RET, each with BPF_K. */
const code = { load: 0x20, equal: 0x15, greater: 0x25, atLeast: 0x35, end: 0x06 } as const;

/** Calls that came after 5.18, the newest that the library of Debian 12 knows throughout. */
export const newCalls: ReadonlyMap<string, number> = new Map(
  [
    ["cachestat", "fchmodat2", "map_shadow_stack", "futex_wake", "futex_wait", "futex_requeue", "statmount", "listmount"],
    ["lsm_get_self_attr", "lsm_set_self_attr", "lsm_list_modules", "mseal", "setxattrat", "getxattrat", "listxattrat", "removexattrat"],
  ]
    .flat()
    .map((name, index) => [name, 451 + index]),
);

type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, value: number];

/** The program with the prefixes in front of it. */
export function withPrefixes(program: Uint8Array, prefixes: readonly SeccompPrefix[]): Uint8Array {
  const instructions = prefixes.flatMap(instructionsOf);
  const bytes = new Uint8Array(instructions.length * 8 + program.length);
  const view = new DataView(bytes.buffer);
  instructions.forEach(([operation, whenTrue, whenFalse, value], index) => {
    view.setUint16(index * 8, operation, true);
    view.setUint8(index * 8 + 2, whenTrue);
    view.setUint8(index * 8 + 3, whenFalse);
    view.setUint32(index * 8 + 4, value, true);
  });
  bytes.set(program, instructions.length * 8);
  return bytes;
}

function instructionsOf({ architecture, calls, newest }: SeccompPrefix): readonly Instruction[] {
  const verdicts: Instruction[] = [...calls].flatMap(([number, verdict]) => when(code.equal, number, verdict));
  if (newest !== undefined) verdicts.push(...when(code.greater, newest, SECCOMP_RET_ERRNO | ENOSYS));
  if (verdicts.length === 0) return [];
  const guarded: readonly Instruction[] =
    architecture === AUDIT_ARCH_X86_64 ? [[code.atLeast, verdicts.length, 0, x32], ...verdicts] : verdicts;
  return [[code.load, 0, 0, archOffset], [code.equal, 0, guarded.length + 1, architecture], [code.load, 0, 0, nrOffset], ...guarded];
}

function when(comparison: number, value: number, verdict: number): readonly Instruction[] {
  return [
    [comparison, 0, 1, value],
    [code.end, 0, 0, verdict],
  ];
}
