// H01, H02, F05, F06: every system call number by every way into the kernel, asked inside a default container of ours and, recorded, of
// Docker's. A hand-made program asks (test/support/syscall-probe.ts), so nothing of the machine's own is needed.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { readSyscallVerdicts, type SyscallVerdicts } from "../support/syscall-verdicts.ts";
import { projectRoot } from "../support/tools.ts";

const docker = JSON.parse(readFileSync(join(projectRoot, "test/fixtures/syscalls/docker.json"), "utf8")) as SyscallVerdicts;

/** By call: Docker's letter and ours. */
const intended: Readonly<Record<string, string>> = {
  "socket 38": ".P", // AF_ALG
  "x32 socket 38": "NP",
  "i386 socket 38": ".P",
  ...Object.fromEntries([1, 2, 10, 16, 38, 39, 40, 41].map((family) => [`i386 socketcall ${family}`, ".P"])),
  "i386 102": ".P", // socketcall
};

/** Calls that x32 does not have: both refuse. */
const nobodys = /^x32 (335|453|457|458|46[2-6]|54[89]|5[5-9]\d)$/;

let daemon: TestDaemon;
let ours: SyscallVerdicts;

describe.skipIf(process.arch !== "x64")("system calls of a default container (the program is one for x86-64)", () => {
  beforeAll(async () => {
    daemon = await startDaemon({ enclosed: true });
    ours = await readSyscallVerdicts(daemon.place.socket);
  }, 60_000);
  afterAll(() => daemon[Symbol.asyncDispose](), 30_000);

  test("H01 the verdicts are Docker's, but for AF_ALG and the way around it", () => {
    expect(differences(ours)).toEqual(
      Object.entries(intended)
        .map(([call, letters]) => `${call}: ${letters}`)
        .toSorted(),
    );
  });

  test("F05 AF_ALG and AF_VSOCK are refused by every way in", () => {
    const ways = ["socket", "x32 socket", "i386 socket", "i386 socketcall"];
    for (const way of ways) expect([way, ours.named[`${way} 38`], ours.named[`${way} 40`]]).toEqual([way, "P", "P"]);
    expect(docker.named["i386 socketcall 38"]).toBe("."); // what it is about
  });

  test("F05 a runtime that compiles the profile itself refuses them too", async () => {
    const { named } = await readSyscallVerdicts(daemon.place.socket, { Runtime: "runc" });
    expect([named["socket 38"], named["i386 socket 38"], named["i386 socketcall 38"]]).toEqual(["P", "P", "A"]);
    expect([named["socket 40"], named["i386 socket 40"], named["i386 socketcall 40"]]).toEqual(["P", "P", "A"]);
  });

  test("H02 io_uring, userfaultfd, keyctl, bpf, unshare, mount and namespaces by clone are refused", () => {
    const native = { io_uring_setup: 425, io_uring_enter: 426, userfaultfd: 323, add_key: 248, keyctl: 250, bpf: 321, unshare: 272 };
    const more = { mount: 165, umount2: 166, setns: 308, fsopen: 430, move_mount: 429, open_tree: 428, perf_event_open: 298 };
    for (const [name, number] of Object.entries({ ...native, ...more, open_by_handle_at: 304, init_module: 175, kexec_load: 246 }))
      expect([name, ours.sweeps["native"]?.[number]]).toEqual([name, "P"]);
    expect(ours.sweeps["native"]?.[435]).toBe("N"); // clone3, so that C libraries fall back
    const clones = Object.entries(ours.named).filter(([title]) => /clone (?!none)/.test(title));
    expect(clones.map(([title, letter]) => `${title} ${letter}`)).toEqual(clones.map(([title]) => `${title} P`));
    expect(ours.named["clone none"]).toBe(".");
  });

  test("a number that no kernel has given out yet is unknown, not forbidden", () => {
    expect([ours.sweeps["native"]?.slice(560), ours.sweeps["i386"]?.slice(560)]).toEqual(["N".repeat(40), "N".repeat(40)]);
  });

  function differences(seen: SyscallVerdicts): readonly string[] {
    const flat = ({ sweeps, named }: SyscallVerdicts): ReadonlyMap<string, string> =>
      new Map([
        ...Object.entries(sweeps).flatMap(([way, letters]) =>
          Array.from(letters, (letter, number) => [`${way} ${number}`, letter] as const),
        ),
        ...Object.entries(named),
      ]);
    const theirs = flat(docker);
    return [...flat(seen)]
      .filter(([call, letter]) => letter !== theirs.get(call) && !nobodys.test(call) && !isMissing(letter, theirs.get(call)))
      .map(([call, letter]) => `${call}: ${theirs.get(call)}${letter}`)
      .toSorted();

    /** Allowed by both; the kernel here, or that of the recording, has it not. */
    function isMissing(one: string, other: string | undefined): boolean {
      return (one === "N" && other === ".") || (one === "." && other === "N");
    }
  }
});
