// A CDI specification (github.com/cncf-tags/container-device-interface, SPEC.md): what to change in a container so that it has a device.
import { fault } from "#base";
import type { OciHook } from "./runtime.ts";

export interface CdiNode {
  readonly path: string;
  /** Absent is the same path. */
  readonly hostPath?: string;
  readonly type?: string;
  readonly major?: number;
  readonly minor?: number;
  readonly fileMode?: number;
  readonly permissions?: string;
  readonly uid?: number;
  readonly gid?: number;
}

export interface CdiMount {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly type?: string;
  readonly options?: readonly string[];
}

export interface CdiHook extends OciHook {
  readonly hookName: string;
}

export interface CdiEdits {
  /** "KEY=value" */
  readonly env?: readonly string[];
  readonly deviceNodes?: readonly CdiNode[];
  readonly mounts?: readonly CdiMount[];
  readonly hooks?: readonly CdiHook[];
  readonly additionalGids?: readonly number[];
}

export interface CdiSpec {
  /** "vendor.com/class" */
  readonly kind: string;
  /** Apply once, before those of its devices. */
  readonly edits: CdiEdits;
  readonly devices: ReadonlyMap<string, CdiEdits>;
}

const hookNames = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"];

/** @throws invalid for what is no specification, and for edits that nobody here carries out: half a device is none */
export function parseCdiSpec(document: unknown): CdiSpec {
  const { cdiVersion, kind, devices, containerEdits } = record(document, "the file");
  if (typeof cdiVersion !== "string" || !/^v?[01]\.\d+\.\d+$/.test(cdiVersion)) throw invalid("it has no cdiVersion that is known here");
  if (typeof kind !== "string" || !/^[a-z][\w.-]*\/[a-z][\w.-]*$/i.test(kind))
    throw invalid(`kind ${JSON.stringify(kind)} is not VENDOR/CLASS`);
  const named = list(devices, "devices").map((device): [string, CdiEdits] => {
    const { name, containerEdits: edits } = record(device, "a device");
    if (typeof name !== "string" || !/^[a-z0-9][\w.:-]*$/i.test(name)) throw invalid(`${JSON.stringify(name)} is no name of a device`);
    return [name, parseEdits(edits)];
  });
  if (new Set(named.map(([name]) => name)).size < named.length) throw invalid("two devices have the same name");
  return { kind, edits: parseEdits(containerEdits), devices: new Map(named) };
}

function parseEdits(value: unknown): CdiEdits {
  if (value === undefined || value === null) return {};
  const { env, deviceNodes, mounts, hooks, additionalGids, ...rest } = record(value, "containerEdits");
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw fault("unsupported", `containerEdits.${unknown} is not implemented`);
  return {
    env: list(env, "env").map((entry) => text(entry, "env")),
    deviceNodes: list(deviceNodes, "deviceNodes").map((node) => parseNode(record(node, "a device node"))),
    mounts: list(mounts, "mounts").map((mount) => parseMount(record(mount, "a mount"))),
    hooks: list(hooks, "hooks").map((hook) => parseHook(record(hook, "a hook"))),
    additionalGids: list(additionalGids, "additionalGids").map((gid) => whole(gid, "additionalGids")),
  };
}

function parseNode({ path, hostPath, type, permissions, ...numbers }: Fields): CdiNode {
  const access = optional(permissions, text, "permissions");
  if (access !== undefined && !/^[rwm]*$/.test(access)) throw invalid(`permissions ${JSON.stringify(access)} are not of r, w and m`);
  const count = (name: string): object => {
    const number = optional(numbers[name], whole, name);
    return number === undefined ? {} : { [name]: number };
  };
  return {
    path: absolute(path, "path"),
    ...said("hostPath", optional(hostPath, absolute, "hostPath")),
    ...said("type", optional(type, text, "type")),
    ...said("permissions", access),
    ...Object.assign({}, ...["major", "minor", "fileMode", "uid", "gid"].map(count)),
  };
}

function parseMount({ hostPath, containerPath, type, options }: Fields): CdiMount {
  return {
    hostPath: text(hostPath, "hostPath"),
    containerPath: absolute(containerPath, "containerPath"),
    ...said("type", optional(type, text, "type")),
    options: list(options, "options").map((option) => text(option, "options")),
  };
}

function parseHook({ hookName, path, args, env, timeout }: Fields): CdiHook {
  const name = text(hookName, "hookName");
  if (!hookNames.includes(name)) throw invalid(`${JSON.stringify(name)} is no name of a hook`);
  return {
    hookName: name,
    path: absolute(path, "path"),
    ...(args !== undefined && { args: list(args, "args").map((word) => text(word, "args")) }),
    ...(env !== undefined && { env: list(env, "env").map((entry) => text(entry, "env")) }),
    ...said("timeout", optional(timeout, whole, "timeout")),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function invalid(reason: string): Error {
  return fault("invalid", reason);
}

function record(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(`${what} is no object`);
  return value as Fields;
}

function list(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(`${what} is no list`);
  return value;
}

function text(value: unknown, what: string): string {
  if (typeof value !== "string" || value.includes("\0")) throw invalid(`${what} is no text`);
  return value;
}

function absolute(value: unknown, what: string): string {
  const path = text(value, what);
  if (!path.startsWith("/")) throw invalid(`${what} ${JSON.stringify(path)} is not absolute`);
  return path;
}

function whole(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) throw invalid(`${what} is no whole number`);
  return value;
}

function optional<Value>(value: unknown, read: (value: unknown, what: string) => Value, what: string): Value | undefined {
  return value === undefined || value === null ? undefined : read(value, what);
}

function said<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [N in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: Value };
}
