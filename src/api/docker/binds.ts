import { fault } from "#base";
import type { BindMount } from "#container";
import type { MountRequest } from "#wire";

const propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"] as const;
type Propagation = (typeof propagations)[number];
const volumeName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Reads `-v`: "/host:/inside[:mode]". @throws invalid or internal with Docker's sentence; unsupported for a named volume */
export function parseBind(text: string): BindMount {
  const [source = "", target, mode, ...more] = text.split(":");
  if (text === "") throw fault("internal", "invalid volume specification: ''");
  if (target === undefined) throw fault("unsupported", `HostConfig.Binds: anonymous volume '${text}' is not implemented`);
  if (more.length > 0 || target === "" || source === "") throw fault("internal", `invalid volume specification: '${text}'`);
  const place = (reason: string): Error =>
    fault("internal", `invalid volume specification: '${text}': invalid mount config for type "bind": ${reason}`);
  if (!target.startsWith("/")) throw place(`invalid mount path: '${target}' mount path must be absolute`);
  const inside = cleanTarget(target);
  if (inside === "/") throw place("invalid specification: destination can't be '/'");
  const { readOnly, propagation } = parseMode(mode ?? "");
  if (!source.startsWith("/")) throw notAPath(source);
  return { source: cleanTarget(source), target: inside, readOnly, propagation, createSource: true };
}

/** Reads `--mount type=bind`. @throws invalid with Docker's sentence; unsupported for the other types */
export function parseMount(mount: MountRequest): BindMount {
  const wrong = (reason: string): Error => fault("invalid", `invalid mount config for type "${mount.Type}": ${reason}`);
  if (["volume", "tmpfs", "image", "cluster", "npipe"].includes(mount.Type))
    throw fault("unsupported", `HostConfig.Mounts of type ${mount.Type} is not implemented`);
  if (mount.Type !== "bind") throw wrong("mount type unknown");
  if (mount.Target === "") throw wrong("field Target must not be empty");
  if (mount.Source === "") throw wrong("field Source must not be empty");
  for (const path of [mount.Target, mount.Source])
    if (!path.startsWith("/")) throw wrong(`invalid mount path: '${path}' mount path must be absolute`);
  if (cleanTarget(mount.Target) === "/") throw wrong("invalid specification: destination can't be '/'");
  const options = mount.BindOptions;
  for (const name of ["NonRecursive", "ReadOnlyNonRecursive", "ReadOnlyForceRecursive"] as const)
    if (options?.[name] === true) throw fault("unsupported", `HostConfig.Mounts.BindOptions.${name} is not implemented`);
  const propagation = options?.Propagation ?? "";
  if (propagation !== "" && !isPropagation(propagation)) throw wrong(`invalid propagation mode: ${propagation}`);
  return {
    source: cleanTarget(mount.Source),
    target: cleanTarget(mount.Target),
    readOnly: mount.ReadOnly,
    propagation: isPropagation(propagation) ? propagation : "rprivate",
    createSource: options?.CreateMountpoint ?? false,
  };
}

/** @throws invalid "Duplicate mount point: /x" */
export function refuseDoubles(targets: readonly string[]): void {
  const seen = new Set<string>();
  for (const target of targets) {
    if (seen.has(target)) throw fault("invalid", `Duplicate mount point: ${target}`);
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

function parseMode(mode: string): { readonly readOnly: boolean; readonly propagation: Propagation } {
  let readOnly = false;
  let propagation: Propagation = "rprivate";
  const words = mode === "" ? [] : mode.split(",");
  for (const word of words) {
    if (word === "ro") readOnly = true;
    else if (isPropagation(word)) propagation = word;
    else if (word === "z" || word === "Z" || word === "nocopy")
      throw fault("unsupported", `HostConfig.Binds: mode '${word}' is not implemented`);
    else if (!["rw", "consistent", "cached", "delegated"].includes(word)) throw fault("internal", `invalid mode: ${mode}`);
  }
  const groups = words.map((word) => (isPropagation(word) ? "propagation" : word === "ro" || word === "rw" ? "access" : word));
  if (new Set(groups).size !== groups.length) throw fault("internal", `invalid mode: ${mode}`);
  return { readOnly, propagation };
}

function isPropagation(text: string): text is Propagation {
  return (propagations as readonly string[]).includes(text);
}

function notAPath(source: string): Error {
  if (volumeName.test(source)) return fault("unsupported", `HostConfig.Binds: named volume '${source}' is not implemented`);
  return fault(
    "invalid",
    `create ${source}: ${JSON.stringify(source)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
  );
}
