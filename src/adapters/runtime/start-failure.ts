// The runtimes' own words, turned into Docker's by cause. Clients read these texts, and the exit code 126 or 127 hangs on them.
import { fault, type EngineError } from "#base";
import type { StartFailure } from "#container";

interface Cause {
  readonly pattern: RegExp;
  readonly say: (match: RegExpExecArray) => string;
  readonly code: StartFailure["code"];
}

const quoted = (text: string | undefined): string => JSON.stringify(text ?? "");

/** crun's texts first, then runc's, which are Docker's but for what runc adds in front. */
const causes: readonly Cause[] = [
  { pattern: /executable file `(.*?)` not found(?: in \$PATH)?: No such file/, say: ([, name]) => notFound(name), code: 127 },
  { pattern: /executable file `(.*?)` not found(?: in \$PATH)?: Permission denied/, say: ([, name]) => denied(name), code: 126 },
  { pattern: /open executable: Permission denied/, say: () => "permission denied", code: 126 },
  { pattern: /open executable: No such file or directory/, say: () => "no such file or directory", code: 127 },
  {
    pattern: /chdir to `(.*?)`: (.*)/,
    say: ([, path, why]) => `chdir to cwd (${quoted(path)}) set in config.json failed: ${lower(why)}`,
    code: 127,
  },
  { pattern: /exec: "(.*?)": executable file not found in \$PATH/, say: ([, name]) => notFound(name), code: 127 },
  { pattern: /exec: "(.*?)": stat (.*?): no such file or directory/, say: ([, name]) => notFound(name), code: 127 },
  { pattern: /exec: "(.*?)": is a directory/, say: ([, name]) => `exec: ${quoted(name)}: is a directory: permission denied`, code: 126 },
  { pattern: /exec: "(.*?)": permission denied/, say: ([, name]) => denied(name), code: 126 },
  {
    pattern: /chdir to cwd \("(.*?)"\) set in config\.json failed: (.*)/,
    say: ([, path, why]) => `chdir to cwd (${quoted(path)}) set in config.json failed: ${why ?? ""}`,
    code: 127,
  },
];

function notFound(name: string | undefined): string {
  const tail = name?.includes("/") === true ? `stat ${name}: no such file or directory` : "executable file not found in $PATH";
  return `exec: ${quoted(name)}: ${tail}`;
}

function denied(name: string | undefined): string {
  return `exec: ${quoted(name)}: permission denied`;
}

function lower(text: string | undefined): string {
  return (text ?? "").toLowerCase();
}

const prefixes = {
  create:
    "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: " +
    "unable to start container process: error during container init: ",
  exec: "OCI runtime exec failed: exec failed: unable to start container process: ",
} as const;

/** What a runtime said about a failed create or exec, as Docker says it; `code` travels in the cause. */
export function startFailure(kind: keyof typeof prefixes, said: string): EngineError {
  const text = plain(said);
  for (const { pattern, say, code } of causes) {
    const match = pattern.exec(text);
    if (match !== null) return withCode(prefixes[kind] + say(match), code);
  }
  return withCode(prefixes[kind] + text, 128);
}

function withCode(message: string, code: StartFailure["code"]): EngineError {
  const failure: StartFailure = { message, code };
  return fault("invalid", message, { cause: failure });
}

/** The last line of what the runtime printed, without its name, level and time. */
function plain(said: string): string {
  const lines = said.split("\n").filter((line) => line.trim() !== "");
  const text = lines.at(-1) ?? "the runtime gave no reason";
  const message = /msg="((?:[^"\\]|\\.)*)"/.exec(text)?.[1]?.replaceAll('\\"', '"') ?? text;
  return message.replace(/^\S*(crun|runc)[^:]*: /, "").replace(/^\d{4}-\S+: /, "");
}
