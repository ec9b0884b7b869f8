// Settings whose value is more than a text, a number or a list of them.
import { parseUlimit } from "#cli";
import { decoders, isJsonObject, JsonNumber, type JsonValue, type Schema } from "#wire";
import { converted, type Kind, object, showMap, splitPair } from "./kinds.ts";

export interface UlimitSetting {
  readonly Name: string;
  readonly Hard: number;
  readonly Soft: number;
}

/** Limits by name; the name in the file's key is the one that counts. */
export const ulimits: Kind<Readonly<Record<string, UlimitSetting>>> = {
  word: "ulimit",
  collects: true,
  schema: converted(
    object(decoders.struct("units.Ulimit", { Name: decoders.text, Hard: decoders.int, Soft: decoders.int })),
    {},
    (limits) => Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, { ...limit, Name: name }])),
  ),
  parse: (values) => Object.fromEntries(values.map(parseUlimit).map((limit) => [limit.Name, limit])),
  show: (limits) =>
    `[${Object.values(limits)
      .map(({ Name, Hard, Soft }) => `${Name}=${Soft}:${Hard}`)
      .join(" ")}]`,
};

export interface RuntimeSetting {
  readonly path: string;
  readonly runtimeArgs: readonly string[];
  readonly runtimeType: string;
}

/** Runtimes by name: "name=path", in the file with arguments. */
export const runtimes: Kind<Readonly<Record<string, RuntimeSetting>>> = {
  word: "runtime",
  collects: true,
  schema: object(
    decoders.struct("system.Runtime", {
      path: decoders.text,
      runtimeArgs: decoders.list(decoders.text),
      runtimeType: decoders.text,
    }),
  ),
  parse: (values) => Object.fromEntries(values.map(parseRuntime)),
  show: (value) => showMap(Object.fromEntries(Object.entries(value).map(([name, { path }]) => [name, path]))),
};

function parseRuntime(value: string): readonly [name: string, runtime: RuntimeSetting] {
  const [name, path] = splitPair(value).map((part) => part.trim());
  if (name === undefined || path === undefined || name === "" || path === "") throw new Error(`invalid runtime argument: ${value}`);
  return [name, { path, runtimeArgs: [], runtimeType: "" }];
}

export interface AddressPoolSetting {
  /** CIDR that subnets are cut from. */
  readonly base: string;
  /** Prefix length of each. */
  readonly size: number;
}

/** Ranges that networks take their subnets from: "base=10.0.0.0/8,size=24". */
export const addressPools: Kind<readonly AddressPoolSetting[]> = {
  word: "pool-options",
  collects: true,
  schema: decoders.list(
    converted(decoders.struct("ipamutils.NetworkToSplit", { base: decoders.text, size: decoders.int }), { base: "", size: 0 }, checkPool),
  ),
  parse: (values) => values.map(parsePool),
  show: (pools) => pools.map(({ base, size }) => `${base} ${size}`).join(", "),
};

function parsePool(value: string): AddressPoolSetting {
  const fields = new Map(
    value.split(",").map((field) => {
      const [key, content] = splitPair(field);
      if (!field.includes("=")) throw new Error(`invalid field '${field}' must be a key=value pair`);
      if (key !== "base" && key !== "size") throw new Error(`unexpected key '${key}' in '${field}'`);
      return [key, content];
    }),
  );
  const size = fields.get("size") ?? "";
  if (!/^\d+$/.test(size)) throw new Error(`invalid size value: ${size}: strconv.Atoi: parsing ${JSON.stringify(size)}: invalid syntax`);
  return checkPool({ base: fields.get("base") ?? "", size: Number(size) });
}

function checkPool(pool: AddressPoolSetting): AddressPoolSetting {
  if (!pool.base.includes("/")) throw new Error(`netip.ParsePrefix(${JSON.stringify(pool.base)}): no '/'`);
  return pool;
}

/** Proxies, below one key of the file. */
export const proxies: Kind<{ readonly "http-proxy": string; readonly "https-proxy": string; readonly "no-proxy": string }> = {
  word: "",
  collects: false,
  schema: decoders.struct("Proxies", { "http-proxy": decoders.text, "https-proxy": decoders.text, "no-proxy": decoders.text }),
  parse: (): never => {
    throw new Error("has no flag");
  },
  show: showMap,
};

/** Whatever it holds: for keys that are known and not carried out. */
export const anything: Kind<unknown> = {
  word: "",
  collects: true,
  schema: {
    type: "any",
    zero: undefined,
    read: plain,
  } satisfies Schema<unknown>,
  parse: (values) => values,
  show: String,
};

/** As JSON.parse gives it: a message shows it as its author wrote it. */
function plain(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (isJsonObject(value)) return Object.fromEntries(value.members.map(([key, member]) => [key, plain(member)]));
  return Array.isArray(value) ? value.map(plain) : value;
}
