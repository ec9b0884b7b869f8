// The runtimes' own words, turned into Docker's by cause: clients read these texts, and exit codes 126 and 127 hang on them.
import { type EngineError, fault } from "#base";
import type { StartFailure } from "#container";

/** What was tried when the runtime refused. */
export interface Attempt {
  readonly kind: "create" | "exec";
  /** First word of the command, where the runtime does not say it. */
  readonly command: string;
}

const prefixes = {
  create:
    "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: " +
    "unable to start container process: error during container init: ",
  exec: "OCI runtime exec failed: exec failed: unable to start container process: ",
} as const;

const mountHint =
  ": Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type";

/** What a runtime said about a failed create, start or exec, as Docker says it; a StartFailure is its cause. */
export function startFailure(attempt: Attempt, said: string): EngineError {
  const reason = translate(attempt, plain(said));
  const code = codeOf(reason);
  const isMount = code === 127 && reason.includes("not a directory") && !reason.includes("no such file or directory");
  const message = prefixes[attempt.kind] + reason + (isMount ? mountHint : "");
  const failure: StartFailure = { message, code };
  return fault(code === 128 ? "internal" : "invalid", message, { cause: failure });
}

/** Docker's rule, which goes by the text. */
function codeOf(reason: string): StartFailure["code"] {
  if (/executable file not found|no such file or directory/.test(reason)) return 127;
  if (reason.includes("permission denied")) return 126;
  return reason.includes("not a directory") ? 127 : 128;
}

interface Translation {
  readonly pattern: RegExp;
  readonly say: (match: RegExpExecArray, attempt: Attempt) => string;
}

/** crun's texts; runc's are Docker's already. */
const translations: readonly Translation[] = [
  { pattern: /^executable file `(.*)` not found.*: Permission denied$/, say: ([, name = ""]) => because(name, "permission denied") },
  { pattern: /^executable file `(.*)` not found/, say: ([, name = ""]) => notFound(name) },
  { pattern: /^open executable: Permission denied$/, say: (_, { command }) => because(command, "permission denied") },
  { pattern: /^open executable: No such file or directory$/, say: (_, { command }) => notFound(command) },
  // crun opens what it found to see whether it is a file: a directory and an empty name both end here.
  {
    pattern: /^open executable: Operation not permitted$/,
    say: (_, { command }) => (command === "" ? notFound("") : because(command, "is a directory: permission denied")),
  },
  { pattern: /^open executable: (.*)$/, say: ([, why = ""], { command }) => because(command, `stat ${command}: ${why.toLowerCase()}`) },
  { pattern: /^chdir(?: to)? `(.*)`: (.*)$/, say: ([, path = "", why = ""], { kind }) => workingDir(kind, path, why.toLowerCase()) },
  {
    pattern: /^mount `(.*)` to `\/?(.*)`: (.*)$/,
    say: ([, from = "", to = "", why = ""]) =>
      `error mounting ${JSON.stringify(from)} to rootfs at ${JSON.stringify(`/${to}`)}: mount src=${from}, dst=/${to}: ${why.toLowerCase()}`,
  },
];

function translate(attempt: Attempt, text: string): string {
  for (const { pattern, say } of translations) {
    const match = pattern.exec(text);
    if (match !== null) return say(match, attempt);
  }
  return text;
}

function notFound(name: string): string {
  return because(name, name.includes("/") ? `stat ${name}: no such file or directory` : "executable file not found in $PATH");
}

function because(name: string, why: string): string {
  return `exec: ${JSON.stringify(name)}: ${why}`;
}

function workingDir(kind: Attempt["kind"], path: string, why: string): string {
  return kind === "create" ? `mkdir ${path}: ${why}` : `chdir to cwd (${JSON.stringify(path)}) set in config.json failed: ${why}`;
}

/** The last line of what the runtime printed, without its name, level, time and the steps that Docker's sentence names already. */
function plain(said: string): string {
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  const last = lines.at(-1) ?? "the runtime gave no reason";
  const logged = /\bmsg=("(?:[^"\\]|\\.)*")/.exec(last)?.[1];
  const text = logged === undefined ? last : (JSON.parse(logged) as string);
  return text
    .replace(/^\d{4}-\S+Z?:? /, "")
    .replace(/^(runc (create|start|run) failed|exec failed): /, "")
    .replace(/^unable to start container process: /, "")
    .replace(/^error during container init: /, "");
}
