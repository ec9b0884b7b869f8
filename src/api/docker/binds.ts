import { fault } from "#base";
import type { BindMount, ImageMount, VolumeMount } from "#container";

const propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"] as const;
type Propagation = (typeof propagations)[number];

/** What a value of `-v` or `--mount` asks for. */
export type RequestedMount =
  | { readonly type: "bind"; readonly mount: BindMount }
  | { readonly type: "volume"; readonly mount: VolumeMount }
  | { readonly type: "image"; readonly mount: ImageMount }
  | { readonly type: "tmpfs"; readonly mount: { readonly target: string; readonly options: string } };

/** Reads `-v`: "/host:/inside[:mode]", "name:/inside[:mode]" or "/inside". @throws invalid or internal with Docker's sentence */
export function parseBind(text: string): RequestedMount {
  const parts = text.split(":");
  if (parts.length > 3 || parts[0] === "" || parts[1] === "")
    throw fault("internal", `invalid volume specification: '${text}'${emptyTarget(parts)}`);
  const [source = "", target = "", mode = ""] = parts.length === 1 ? ["", ...parts] : parts;
  const type = source.startsWith("/") ? "bind" : "volume";
  const place = (reason: string): Error =>
    fault("internal", `invalid volume specification: '${text}': invalid mount config for type "${type}": ${reason}`);
  const words = parseMode(mode);
  if (!target.startsWith("/")) throw place(`invalid mount path: '${target}' mount path must be absolute`);
  const inside = cleanTarget(target);
  if (inside === "/") throw place("invalid specification: destination can't be '/'");
  const { readOnly, propagation, noCopy } = words;
  if (type === "bind") {
    if (noCopy) throw place("field VolumeOptions must not be specified");
    const bind = { source: cleanTarget(source), target: inside, readOnly, propagation: propagation ?? "rprivate", createSource: true };
    return { type, mount: bind };
  }
  if (propagation !== undefined) throw place("field BindOptions must not be specified");
  return {
    type,
    mount: { name: source, target: inside, readOnly, copyUp: !noCopy, mode: mode === "" ? "z" : mode, isAnonymous: source === "" },
  };
}

function emptyTarget([source = "", target, ...rest]: readonly string[]): string {
  if (source === "" || target !== "" || rest.length !== 1) return "";
  return `: invalid mount config for type "${source.startsWith("/") ? "bind" : "volume"}": field Target must not be empty`;
}

/** @throws invalid "Duplicate mount point: /x" */
export function refuseDoubles(targets: readonly string[]): void {
  const seen = new Set<string>();
  for (const written of targets) {
    const target = cleanTarget(written);
    if (seen.has(target)) throw fault("invalid", `Duplicate mount point: ${written}`);
    seen.add(target);
  }
}

/** Without doubled slashes and "." and ".." parts: lexical, as Docker stores it. */
export function cleanTarget(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

export function isPropagation(text: string): text is Propagation {
  return (propagations as readonly string[]).includes(text);
}

interface Mode {
  readonly readOnly: boolean;
  readonly noCopy: boolean;
  readonly propagation?: Propagation;
}

/** Labels of SELinux (z, Z) say nothing on a machine without it, and consistency (cached...) is another system's. */
function parseMode(mode: string): Mode {
  const words = mode === "" ? [] : mode.split(",");
  const groups = words.map((word) => {
    if (word === "ro" || word === "rw") return "access";
    if (word === "z" || word === "Z") return "label";
    if (word === "nocopy") return word;
    if (isPropagation(word)) return "propagation";
    if (["consistent", "cached", "delegated", "default"].includes(word)) return "consistency";
    throw fault("internal", `invalid mode: ${mode}`);
  });
  if (new Set(groups).size !== groups.length) throw fault("internal", `invalid mode: ${mode}`);
  const propagation = words.find(isPropagation);
  return { readOnly: words.includes("ro"), noCopy: words.includes("nocopy"), ...(propagation !== undefined && { propagation }) };
}
