import { readFileSync } from "node:fs";
import { describeOpenError } from "./environment.ts";
import { list, text, type Flag, type FlagValues } from "./flag.ts";
import { pairsOf, splitOnce } from "./pairs.ts";

/** What a container may, and is held back from. */
export const securityFlags: readonly Flag[] = [
  list("annotation", "Add an annotation to the container (passed through to the OCI runtime)", { valueName: "map", fallback: "map[]" }),
  list("group-add", "Add additional groups to join"),
  text("runtime", "Runtime to use for this container"),
  list("security-opt", "Security Options"),
  list("sysctl", "Sysctl options", { valueName: "map", fallback: "map[]", check: checkSysctl }),
  text("userns", "User namespace to use"),
];

/** Those of a HostConfig, as far as they were said. @throws Error in Docker's words */
export function securityOf(flags: FlagValues): Readonly<Record<string, unknown>> {
  const given = flags.list("security-opt");
  const options = given.filter((option) => option !== openPaths).map(securityOption);
  const userns = flags.text("userns");
  if (userns !== "" && userns !== "host") throw new Error("--userns: invalid USER mode");
  return {
    ...(flags.list("annotation").length > 0 && { Annotations: pairsOf(flags.list("annotation")) }),
    ...(flags.list("group-add").length > 0 && { GroupAdd: flags.list("group-add") }),
    ...(flags.changed("runtime") && { Runtime: flags.text("runtime") }),
    ...(options.length > 0 && { SecurityOpt: options }),
    // The daemon has no word for it: the client asks for empty lists.
    ...(options.length < given.length && { MaskedPaths: [], ReadonlyPaths: [] }),
    ...(flags.list("sysctl").length > 0 && { Sysctls: pairsOf(flags.list("sysctl")) }),
    ...(userns !== "" && { UsernsMode: userns }),
  };
}

const openPaths = "systempaths=unconfined";

/** A profile is read here: the daemon may see other files. */
function securityOption(option: string): string {
  const separator = option.includes("=") ? "=" : ":";
  const [key, value] = splitOnce(option, separator);
  if (key !== "no-new-privileges" && value === "") throw new Error(`Invalid --security-opt: ${JSON.stringify(option)}`);
  if (key !== "seccomp" || value === "builtin" || value === "unconfined") return option;
  return `seccomp=${compact(value)}`;
}

function compact(path: string): string {
  const profile = readProfile(path);
  try {
    return JSON.stringify(JSON.parse(profile));
  } catch (error) {
    throw new Error(`compacting json for seccomp profile (${path}) failed: ${(error as Error).message}`, { cause: error });
  }
}

function readProfile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`opening seccomp profile (${path}) failed: ${describeOpenError(path, error)}`, { cause: error });
  }
}

/** Kernel parameters that a container can have of its own, as Docker's client knows them. */
const namespaced = new Set(
  ["msgmax", "msgmnb", "msgmni", "sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced"].map((name) => `kernel.${name}`),
);

function checkSysctl(value: string): void {
  const [name] = splitOnce(value, "=");
  const isKnown = namespaced.has(name) || name.startsWith("net.") || name.startsWith("fs.mqueue.");
  if (!value.includes("=") || !isKnown) throw new Error(`sysctl '${value}' is not allowed`);
}
