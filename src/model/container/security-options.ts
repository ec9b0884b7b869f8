// `--security-opt`: Docker's grammar, whose two sentences of refusal scripts know by their numbers.
import { fault } from "#base";

/** What a container's security options say; what is absent is the daemon's affair. */
export interface SecurityOptions {
  readonly noNewPrivileges?: boolean;
  /** "builtin", "unconfined", or the text of a profile. */
  readonly seccomp?: string;
  /** The name of a profile that the kernel knows, or "unconfined". */
  readonly appArmor?: string;
  readonly writableCgroups?: boolean;
}

const words: Readonly<Record<string, SecurityOptions>> = {
  "no-new-privileges": { noNewPrivileges: true },
  "writable-cgroups": { writableCgroups: true },
  // Of SELinux, as older clients say it.
  disable: {},
};

/** The last of several that say the same wins. @throws invalid in Docker's words */
export function parseSecurityOptions(options: readonly string[]): SecurityOptions {
  return Object.assign({}, ...options.map(parseOption)) as SecurityOptions;
}

function parseOption(option: string): SecurityOptions {
  const word = words[option];
  if (word !== undefined) return word;
  const separator = option.includes("=") ? "=" : ":";
  const at = option.indexOf(separator);
  if (at === -1) throw fault("invalid", `invalid --security-opt 1: ${JSON.stringify(option)}`);
  const [key, value] = [option.slice(0, at), option.slice(at + 1)];
  const truth = truths.get(value);
  // Labels are SELinux', which no container has here.
  if (key === "label") return {};
  if (key === "apparmor") return { appArmor: value };
  if (key === "seccomp") return { seccomp: value };
  if (key === "no-new-privileges" && truth !== undefined) return { noNewPrivileges: truth };
  if (key === "writable-cgroups" && truth !== undefined) return { writableCgroups: truth };
  throw fault("invalid", `invalid --security-opt 2: ${JSON.stringify(option)}`);
}

/** What Go's ParseBool takes. */
const truths: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false] as const),
]);

interface Openness {
  readonly securityOptions?: readonly string[];
  readonly privileged: boolean;
  readonly ipcMode?: string;
  readonly pidMode?: string;
}

/** The options as inspect tells them: whoever shares the host's rights or its processes has no label, and it says so. */
export function shownSecurityOptions(host: Openness): readonly string[] {
  const { securityOptions = [], privileged, ipcMode, pidMode } = host;
  const isOpen = privileged || ipcMode === "host" || pidMode === "host";
  return isOpen && !securityOptions.some((option) => option.split("=", 1)[0] === "label")
    ? [...securityOptions, "label=disable"]
    : securityOptions;
}
