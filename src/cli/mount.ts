import { resolve } from "node:path";
import { csvFields } from "./csv-fields.ts";
import { parseBool } from "./flag.ts";
import { parseBytes } from "./quantities.ts";

type Fields = Record<string, unknown>;

/** A mount as the create body has it. */
export interface MountConfig {
  readonly Type: string;
  readonly Target: string;
  readonly Source?: string;
  readonly ReadOnly?: boolean;
  readonly Consistency?: string;
  readonly BindOptions?: Readonly<Fields>;
  readonly VolumeOptions?: Readonly<Fields>;
  readonly ImageOptions?: Readonly<Fields>;
  readonly TmpfsOptions?: Readonly<Fields>;
}

/** What a value of `--mount` has said so far. */
interface Draft {
  type: string;
  target: string;
  source?: string;
  readOnly?: boolean;
  consistency?: string;
  readonly options: Partial<Record<"bind" | "volume" | "image" | "tmpfs", Fields>>;
}

/** Keys that stand alone as well: `readonly` is `readonly=true`. */
const switches = ["readonly", "ro", "volume-nocopy", "bind-nonrecursive"];

/** Reads a value of `--mount`: "type=bind,source=/host,target=/inside,readonly". @throws Error in Docker's words */
export function parseMount(text: string): MountConfig {
  const draft: Draft = { type: "volume", target: "", options: {} };
  if (text === "") throw new Error("EOF");
  for (const field of csvFields(text)) {
    const at = field.indexOf("=");
    const key = (at === -1 ? field : field.slice(0, at)).toLowerCase();
    if (at === -1 && !switches.includes(key)) throw new Error(`invalid field '${field}' must be a key=value pair`);
    take(draft, { key, value: at === -1 ? "true" : field.slice(at + 1), field });
  }
  check(draft);
  return configOf(draft);
}

interface Field {
  readonly key: string;
  readonly value: string;
  /** Both, as they were written. */
  readonly field: string;
}

function take(draft: Draft, { key, value, field }: Field): void {
  const set = (kind: keyof Draft["options"], options: Fields): void => {
    draft.options[kind] = { ...draft.options[kind], ...options };
  };
  const takers: Readonly<Record<string, () => void>> = {
    type: () => (draft.type = value.toLowerCase()),
    source: () => (draft.source = value === "." || value.startsWith("./") ? resolve(value) : value),
    target: () => (draft.target = value),
    readonly: () => (draft.readOnly = truth(key, value)),
    consistency: () => (draft.consistency = value.toLowerCase()),
    "bind-propagation": () => set("bind", { Propagation: value.toLowerCase() }),
    "bind-nonrecursive": () => set("bind", { NonRecursive: truth(key, value) }),
    "bind-recursive": () => set("bind", recursion(value)),
    "volume-subpath": () => set("volume", { Subpath: value }),
    "volume-nocopy": () => set("volume", { NoCopy: truth(key, value) }),
    "volume-label": () => set("volume", { Labels: { ...inner(draft, "Labels"), ...pair(value) } }),
    "volume-driver": () => set("volume", { DriverConfig: { ...inner(draft, "DriverConfig"), Name: value } }),
    "volume-opt": () => set("volume", { DriverConfig: withOption(inner(draft, "DriverConfig"), value) }),
    "image-subpath": () => set("image", { Subpath: value }),
    "tmpfs-size": () => set("tmpfs", { SizeBytes: bytes(key, value) }),
    "tmpfs-mode": () => set("tmpfs", { Mode: mode(key, value) }),
  };
  const name = { src: "source", dst: "target", destination: "target", ro: "readonly" }[key] ?? key;
  if (!Object.hasOwn(takers, name)) throw new Error(`unexpected key '${key}' in '${field}'`);
  takers[name]?.();
}

function check({ type, target, readOnly, options }: Draft): void {
  if (type === "") throw new Error("type is required");
  if (target === "") throw new Error("target is required");
  for (const kind of ["volume", "bind", "image", "tmpfs"] as const)
    if (options[kind] !== undefined && kind !== type) throw new Error(`cannot mix '${kind}-*' options with mount type '${type}'`);
  const { ReadOnlyNonRecursive: writable, ReadOnlyForceRecursive: forced, Propagation: propagation } = options.bind ?? {};
  const needs = (option: string, other: string): Error =>
    new Error(`option 'bind-recursive=${option}' requires '${other}' to be specified in conjunction`);
  if (writable === true && readOnly !== true) throw needs("writable", "readonly");
  if (forced === true && readOnly !== true) throw needs("readonly", "readonly");
  if (forced === true && propagation !== "rprivate") throw needs("readonly", "bind-propagation=rprivate");
}

function configOf({ type, target, source, readOnly, consistency, options }: Draft): MountConfig {
  return {
    Type: type,
    ...(source !== undefined && { Source: source }),
    Target: target,
    ...(readOnly === true && { ReadOnly: true }),
    ...(consistency !== undefined && { Consistency: consistency }),
    ...(options.bind && { BindOptions: options.bind }),
    ...(options.volume && { VolumeOptions: options.volume }),
    ...(options.image && { ImageOptions: options.image }),
    ...(options.tmpfs && { TmpfsOptions: options.tmpfs }),
  };
}

function recursion(value: string): Fields {
  const known: Readonly<Record<string, Fields>> = {
    enabled: {},
    disabled: { NonRecursive: true },
    writable: { ReadOnlyNonRecursive: true },
    readonly: { ReadOnlyForceRecursive: true },
  };
  const found = Object.hasOwn(known, value) ? known[value] : undefined;
  if (found === undefined)
    throw new Error(`invalid value for bind-recursive: ${value} (must be "enabled", "disabled", "writable", or "readonly")`);
  return found;
}

function truth(key: string, value: string): boolean {
  try {
    return parseBool(value);
  } catch (error) {
    throw new Error(`invalid value for ${key}: ${value}`, { cause: error });
  }
}

function bytes(key: string, value: string): number {
  try {
    return parseBytes(value);
  } catch (error) {
    throw new Error(`invalid value for ${key}: ${value}`, { cause: error });
  }
}

function mode(key: string, value: string): number {
  if (!/^[0-7]+$/.test(value) || Number.parseInt(value, 8) > 0xffff_ffff) throw new Error(`invalid value for ${key}: ${value}`);
  return Number.parseInt(value, 8);
}

function inner(draft: Draft, name: string): Fields {
  return (draft.options.volume?.[name] ?? {}) as Fields;
}

function withOption(driver: Fields, option: string): Fields {
  return { ...driver, Options: { ...(driver["Options"] as Fields | undefined), ...pair(option) } };
}

function pair(text: string): Record<string, string> {
  const at = text.indexOf("=");
  return at === -1 ? { [text]: "" } : { [text.slice(0, at)]: text.slice(at + 1) };
}
