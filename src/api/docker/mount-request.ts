import { fault } from "#base";
import type { MountRequest } from "#wire";
import { cleanTarget, isPropagation, type RequestedMount } from "./binds.ts";

const kinds = ["bind", "volume", "tmpfs", "image"] as const;

/** Which options belong to which kind of mount. */
const optionsOf = {
  BindOptions: "bind",
  VolumeOptions: "volume",
  TmpfsOptions: "tmpfs",
  ClusterOptions: "cluster",
} as const;

/** Reads a value of HostConfig.Mounts. @throws invalid with Docker's sentence; unsupported for kinds and options that are not there */
export function parseMount(mount: MountRequest): RequestedMount {
  const wrong = (reason: string): Error => fault("invalid", `invalid mount config for type "${mount.Type}": ${reason}`);
  for (const [field, kind] of Object.entries(optionsOf))
    if (mount[field as keyof typeof optionsOf] !== undefined && kind !== mount.Type)
      throw fault("invalid", `${field} must not be specified on mount type ${JSON.stringify(mount.Type)}`);
  if (mount.Target === "") throw wrong("field Target must not be empty");
  if (!kinds.some((kind) => kind === mount.Type)) throw wrong("mount type unknown");
  if (mount.ImageOptions !== undefined && mount.Type !== "image") throw wrong("field ImageOptions must not be specified");
  if ((mount.Type === "bind" || mount.Type === "image") && mount.Source === "") throw wrong("field Source must not be empty");
  for (const path of mount.Type === "bind" ? [mount.Target, mount.Source] : [mount.Target])
    if (!path.startsWith("/")) throw wrong(`invalid mount path: '${path}' mount path must be absolute`);
  if (cleanTarget(mount.Target) === "/") throw wrong("invalid specification: destination can't be '/'");
  if (mount.Type === "bind") return bindOf(mount, wrong);
  if (mount.Type === "volume") return volumeOf(mount, wrong);
  if (mount.Type === "tmpfs") return tmpfsOf(mount, wrong);
  return imageOf(mount, wrong);
}

/** A mount as it was asked for, without what was left out: told back by inspect. */
export function writtenMount(mount: MountRequest): Readonly<Record<string, unknown>> {
  return withoutZeros(mount);
}

type Wrong = (reason: string) => Error;

function bindOf(mount: MountRequest, wrong: Wrong): RequestedMount {
  const options = mount.BindOptions;
  const propagation = options?.Propagation ?? "";
  if (propagation !== "" && !isPropagation(propagation)) throw wrong(`invalid propagation mode: ${propagation}`);
  const bind = {
    source: cleanTarget(mount.Source),
    target: cleanTarget(mount.Target),
    readOnly: mount.ReadOnly,
    propagation: isPropagation(propagation) ? propagation : "rprivate",
    createSource: options?.CreateMountpoint ?? false,
    ...(options?.NonRecursive === true && { nonRecursive: true }),
    // What is read-only below by force is so here without it.
    ...(mount.ReadOnly && options?.ReadOnlyNonRecursive === true && { writableBelow: true }),
  } as const;
  return { type: "bind", mount: bind };
}

function volumeOf(mount: MountRequest, wrong: Wrong): RequestedMount {
  const { Source: name, VolumeOptions: options } = mount;
  const subpath = options?.Subpath ?? "";
  if (name === "" && subpath !== "") throw wrong("must not set Subpath when using anonymous volumes");
  if (name === "" && mount.ReadOnly) throw wrong("must not set ReadOnly mode when using anonymous volumes");
  if (subpath.startsWith("/") || leadsOut(subpath)) throw wrong("subpath must be a relative path within the volume");
  const driver = options?.DriverConfig;
  refuseDriver(driver?.Name ?? "", name);
  const driverOptions = Object.fromEntries(driver?.Options ?? []);
  const labels = Object.fromEntries(options?.Labels ?? []);
  const volume = {
    name,
    target: cleanTarget(mount.Target),
    readOnly: mount.ReadOnly,
    copyUp: options?.NoCopy !== true,
    mode: "z",
    isAnonymous: name === "",
    ...(subpath !== "" && { subpath }),
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(driverOptions).length > 0 && { options: driverOptions }),
  };
  return { type: "volume", mount: volume };
}

function imageOf({ Source: source, Target: target, ImageOptions: options }: MountRequest, wrong: Wrong): RequestedMount {
  const subpath = options?.Subpath ?? "";
  if (subpath.startsWith("/") || leadsOut(subpath)) throw wrong("subpath must be a relative path within the volume");
  return { type: "image", mount: { source, target: cleanTarget(target), ...(subpath !== "" && { subpath }) } };
}

/** True when the words alone lead above the place where they begin. */
function leadsOut(path: string): boolean {
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

/** There is one driver. @throws not-found in Docker's words */
export function refuseDriver(driver: string, volume: string): void {
  if (driver !== "" && driver !== "local")
    throw fault("not-found", `create ${volume}: error looking up volume plugin ${driver}: plugin "${driver}" not found`);
}

function tmpfsOf(mount: MountRequest, wrong: Wrong): RequestedMount {
  if (mount.Source !== "") throw wrong("field Source must not be specified");
  const { SizeBytes: size = 0, Mode: mode = 0, Options: more = [] } = mount.TmpfsOptions ?? {};
  for (const option of more) {
    if (option.length !== 1 && option.length !== 2) throw wrong("invalid option array length");
    if (option[0] !== "exec" && option[0] !== "noexec") throw wrong(`invalid option: ${option.join("=")}`);
  }
  const words = more.map((option) => option.join("="));
  const options = [
    ...(mount.ReadOnly ? ["ro"] : []),
    ...(mode !== 0 ? [`mode=${mode.toString(8)}`] : []),
    ...(size > 0 ? [`size=${size}`] : []),
    ...words,
  ];
  return { type: "tmpfs", mount: { target: cleanTarget(mount.Target), options: options.join(",") } };
}

function withoutZeros(fields: object): Readonly<Record<string, unknown>> {
  const entries = Object.entries(fields as Readonly<Record<string, unknown>>).map(([key, value]) => [key, plain(value)] as const);
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined && value !== "" && value !== false && value !== 0 && !isEmptyList(value)),
  );
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return value.size === 0 ? undefined : Object.fromEntries(value as ReadonlyMap<string, unknown>);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? withoutZeros(value) : value;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
