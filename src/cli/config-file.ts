// The user's settings, ~/.docker/config.json, shared with Docker's own client. A file that is not as it should be costs a warning and
// only the keys that are wrong; what we do not know is kept when we write.
import { chmodSync, chownSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describeOpenError } from "./environment.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type JsonObject = Readonly<Record<string, unknown>>;

const kinds = {
  auths: "object",
  HttpHeaders: "texts by name",
  psFormat: "string",
  imagesFormat: "string",
  networksFormat: "string",
  pluginsFormat: "string",
  volumesFormat: "string",
  statsFormat: "string",
  detachKeys: "string",
  credsStore: "string",
  credHelpers: "texts by name",
  serviceInspectFormat: "string",
  servicesFormat: "string",
  tasksFormat: "string",
  secretFormat: "string",
  configFormat: "string",
  nodesFormat: "string",
  pruneFilters: "list",
  proxies: "object",
  currentContext: "string",
  cliPluginsExtraDirs: "list",
  plugins: "object",
  aliases: "texts by name",
  features: "texts by name",
} as const;

type Kinds = typeof kinds;
type KeyOf<K> = { [Key in keyof Kinds]: Kinds[Key] extends K ? Key : never }[keyof Kinds];

/** Names of the folder that holds the settings, in the order in which they count: --config, DOCKER_CONFIG, ~/.docker. */
export function configFolder(named: string, env: Environment): string {
  return named || env["DOCKER_CONFIG"] || join(env["HOME"] || homedir(), ".docker");
}

/** What config.json says. Values of the wrong type count as absent. */
export class ConfigFile {
  readonly folder: string;
  readonly path: string;
  #values: JsonObject;
  /** Why the file could not be read whole, in Docker's words. */
  readonly problem: string | undefined;

  private constructor(folder: string, values: JsonObject, problem?: string) {
    this.folder = folder;
    this.path = join(folder, "config.json");
    this.#values = values;
    this.problem = problem;
  }

  /** Reads the file of a folder; one that is not there is empty. Never throws. */
  static async open(folder: string): Promise<ConfigFile> {
    const path = join(folder, "config.json");
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      if (isAbsent(error)) return new ConfigFile(folder, {});
      return new ConfigFile(folder, {}, `loading config file: ${describeOpenError(path, error)}`);
    }
    const { values, problem } = await parseConfig(text);
    return new ConfigFile(folder, values, problem === undefined ? undefined : `parsing config file (${path}): ${problem}`);
  }

  /** The empty string when the key is absent. */
  text(key: KeyOf<"string">): string {
    const value = this.#values[key];
    return typeof value === "string" ? value : "";
  }

  /** Paths and filters, in their order. */
  list(key: KeyOf<"list">): readonly string[] {
    const value = this.#values[key];
    return Array.isArray(value) ? value.filter((member) => typeof member === "string") : [];
  }

  /** HttpHeaders, aliases and their like. */
  texts(key: KeyOf<"texts by name">): Readonly<Record<string, string>> {
    const value = this.#values[key];
    if (!isObject(value)) return {};
    return Object.fromEntries(Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string"));
  }

  /** Objects by name, such as the settings of each plugin or the proxies for each daemon. */
  objects(key: KeyOf<"object">): Readonly<Record<string, JsonObject>> {
    const value = this.#values[key];
    if (!isObject(value)) return {};
    return Object.fromEntries(Object.entries(value).filter((pair): pair is [string, JsonObject] => isObject(pair[1])));
  }

  /**
   * Writes one key and keeps all others, those too that we do not know; an empty text removes it. Readers see the old file or the new one.
   * @throws Error when the file that is there could not be read whole: it would be lost
   */
  save(key: KeyOf<"string">, value: string): void {
    const { [key]: _, ...others } = this.#values;
    this.#write(value === "" ? others : { ...this.#values, [key]: value });
  }

  /** The same for one member of an object; undefined removes it. The file is then its owner's alone: a member may be a password. */
  saveMember(key: KeyOf<"object">, name: string, value: JsonObject | undefined): void {
    const { [name]: _, ...others } = this.objects(key);
    this.#write({ ...this.#values, [key]: value === undefined ? others : { ...others, [name]: value } }, 0o600);
  }

  #write(values: JsonObject, mode?: number): void {
    if (this.problem !== undefined) throw new Error(`${this.path} is left as it is: error ${this.problem}`);
    replaceFile(this.path, JSON.stringify(values, null, "\t"), mode);
    this.#values = values;
  }
}

async function parseConfig(text: string): Promise<{ readonly values: JsonObject; readonly problem?: string }> {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch {
    return { values: {}, problem: await describeBroken(text) };
  }
  if (values === null) return { values: {} };
  if (!isObject(values))
    return { values: {}, problem: `json: cannot unmarshal ${goKind(values)} into Go value of type configfile.ConfigFile` };
  for (const [key, value] of Object.entries(values)) {
    const kind: string | undefined = key in kinds ? kinds[key as keyof Kinds] : undefined;
    if (kind === undefined || value === null || fits(kind, value)) continue;
    return { values, problem: `json: cannot unmarshal ${goKind(value)} into Go struct field ConfigFile.${key} of type ${goType(kind)}` };
  }
  return { values };
}

/** Loaded only for a broken file. */
async function describeBroken(text: string): Promise<string> {
  if (text.trim() === "") return "EOF";
  const { describeSyntax } = await import("./json-syntax.ts");
  return describeSyntax(text);
}

function fits(kind: string, value: unknown): boolean {
  if (kind === "string") return typeof value === "string";
  return kind === "list" ? Array.isArray(value) : isObject(value);
}

function goKind(value: unknown): string {
  if (typeof value === "boolean") return "bool";
  return Array.isArray(value) ? "array" : typeof value;
}

function goType(kind: string): string {
  const types: Readonly<Record<string, string>> = { string: "string", list: "[]string", "texts by name": "map[string]string" };
  return types[kind] ?? "map[string]map[string]string";
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A link is followed, and owner and mode stay; a new file is its owner's alone, since it may hold credentials. */
function replaceFile(path: string, text: string, mode?: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const target = linkTarget(path) ?? path;
  const before = statSync(target, { throwIfNoEntry: false });
  const fresh = `${target}.${process.pid}`;
  try {
    writeFileSync(fresh, text, { mode: 0o600 });
    if (before !== undefined) {
      chmodSync(fresh, mode ?? before.mode & 0o777);
      if (process.getuid?.() === 0) chownSync(fresh, before.uid, before.gid);
    }
    renameSync(fresh, target);
  } finally {
    rmSync(fresh, { force: true });
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch {
    return undefined; // no link
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
