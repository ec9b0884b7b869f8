import { describe, expect, test } from "bun:test";
import { startFailure, type Attempt } from "./start-failure.ts";

const create =
  "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: " +
  "unable to start container process: error during container init: ";
const exec = "OCI runtime exec failed: exec failed: unable to start container process: ";
const hint =
  ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type";

function logged(message: string): string {
  return `time="2026-11-21T08:40:04Z" level=error msg=${JSON.stringify(message)}\n`;
}

interface Case {
  readonly attempt: Attempt;
  readonly said: string;
  readonly message: string;
  readonly code: number;
  readonly fault?: string;
}

const cases: Readonly<Record<string, Case>> = {
  "crun: a name that PATH does not have": {
    attempt: { kind: "create", command: "nope" },
    said: "executable file `nope` not found in $PATH: No such file or directory\n",
    message: `${create}exec: "nope": executable file not found in $PATH`,
    code: 127,
  },
  "crun: a path that is not there": {
    attempt: { kind: "create", command: "/nope" },
    said: "executable file `/nope` not found in $PATH: No such file or directory\n",
    message: `${create}exec: "/nope": stat /nope: no such file or directory`,
    code: 127,
  },
  "crun: a file without its x": {
    attempt: { kind: "exec", command: "/etc/passwd" },
    said: "open executable: Permission denied\n",
    message: `${exec}exec: "/etc/passwd": permission denied`,
    code: 126,
  },
  "crun: a directory": {
    attempt: { kind: "create", command: "/etc" },
    said: "open executable: Operation not permitted\n",
    message: `${create}exec: "/etc": is a directory: permission denied`,
    code: 126,
  },
  "crun: an empty command": {
    attempt: { kind: "create", command: "" },
    said: "open executable: Operation not permitted\n",
    message: `${create}exec: "": executable file not found in $PATH`,
    code: 127,
  },
  "crun: a working directory that is a file, in exec": {
    attempt: { kind: "exec", command: "sh" },
    said: "chdir `/etc/passwd`: Not a directory\n",
    message: `${exec}chdir to cwd ("/etc/passwd") set in config.json failed: not a directory${hint}`,
    code: 127,
  },
  "crun: a directory mounted on a file": {
    attempt: { kind: "create", command: "sh" },
    said: "mount `/tmp/x` to `etc/passwd`: Not a directory\n",
    message: `${create}error mounting "/tmp/x" to rootfs at "/etc/passwd": mount src=/tmp/x, dst=/etc/passwd: not a directory${hint}`,
    code: 127,
  },
  "crun: what nobody foresaw": {
    attempt: { kind: "create", command: "sh" },
    said: "some warning\nset propagation for `/x`: Invalid argument\n",
    message: `${create}set propagation for \`/x\`: Invalid argument`,
    code: 128,
    fault: "internal",
  },
  "runc: a name that PATH does not have": {
    attempt: { kind: "create", command: "nope" },
    said: logged('runc create failed: unable to start container process: exec: "nope": executable file not found in $PATH'),
    message: `${create}exec: "nope": executable file not found in $PATH`,
    code: 127,
  },
  "runc: a file without its x, in exec": {
    attempt: { kind: "exec", command: "/etc/passwd" },
    said: logged('exec failed: unable to start container process: exec: "/etc/passwd": permission denied'),
    message: `${exec}exec: "/etc/passwd": permission denied`,
    code: 126,
  },
  "runc: a step of container init": {
    attempt: { kind: "create", command: "sh" },
    said: logged("runc create failed: unable to start container process: error during container init: mkdir /etc/passwd: not a directory"),
    message: `${create}mkdir /etc/passwd: not a directory${hint}`,
    code: 127,
  },
};

describe("startFailure() speaks as Docker does", () => {
  for (const [title, { attempt, said, message, code, fault = "invalid" }] of Object.entries(cases)) {
    test(title, () => {
      const error = startFailure(attempt, said);
      expect({ message: error.message, fault: error.fault, cause: error.cause }).toEqual({
        message,
        fault,
        cause: { message, code },
      } as never);
    });
  }

  test("a runtime that says nothing still gives a reason", () => {
    expect(startFailure({ kind: "exec", command: "sh" }, "\n").message).toBe(`${exec}the runtime gave no reason`);
  });
});
