// daemon.json, by Go's rules: keys as they are written, null as absent, and Docker's sentences for what is wrong.
import { readFileSync } from "node:fs";
import { fault, messageOf } from "#base";
import { isJsonObject, JsonNumber, type JsonObject, type JsonValue, parseJson, type Trail } from "#wire";
import { flagNameOf, isSettingKey, type SettingKey, settingKeys, settingOf, type Settings } from "./settings.ts";

/** What a file says; its text is kept for the sentence about a setting that a flag says too. */
export interface FileSettings {
  readonly settings: Settings;
  /** Every key with a value, as Go prints what it read without knowing its type. */
  readonly said: ReadonlyMap<string, string>;
}

/** Keys that are no settings of the file: `--config-file` and `--validate` are always said as flags. */
const flagsOnly = ["config-file", "validate"];

/** Undefined where there is no file. @throws invalid, naming the file */
export function readConfigFile(path: string): FileSettings | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw fault("invalid", `open ${path}: ${messageOf(error)}`, { cause: error });
  }
  return parseConfig(text);
}

/** @throws invalid in Docker's words */
export function parseConfig(text: string): FileSettings {
  const root = parseText(text.replace(/^\uFEFF/, ""));
  const unknown = root.members.flatMap(([key, value]) => unknownKeys(key, value));
  if (unknown.length > 0)
    throw fault("invalid", `the following directives don't match any configuration option: ${[...new Set(unknown)].join(", ")}`);
  const settings: Record<string, unknown> = {};
  const said = new Map<string, string>();
  for (const [key, value] of root.members) {
    if (value === null) continue;
    said.set(key, printed(value));
    if (isSettingKey(key)) settings[key] = settingOf(key).kind.schema.read(value, trailOf(key));
  }
  return { settings, said };
}

/** A setting in both places is refused: nobody could tell which one counts. @throws invalid */
export function refuseConflicts(file: FileSettings, flags: Settings): void {
  const both = settingKeys.filter((key) => flags[key] !== undefined && file.said.has(key) && key !== "runtimes");
  const own = flagsOnly.filter((key) => file.said.has(key)).map((key) => `${key}: (a flag, never a setting)`);
  const sentences = [...both.toSorted(byFlag).map((key) => describe(key, flags, file)), ...own];
  if (sentences.length > 0)
    throw fault("invalid", `the following directives are specified both as a flag and in the configuration file: ${sentences.join(", ")}`);
}

function describe(key: SettingKey, flags: Settings, file: FileSettings): string {
  return `${key}: (from flag: ${settingOf(key).kind.show(flags[key])}, from file: ${file.said.get(key)})`;
}

function byFlag(one: SettingKey, other: SettingKey): number {
  return (flagNameOf(one) ?? one) < (flagNameOf(other) ?? other) ? -1 : 1;
}

function parseText(text: string): JsonObject {
  if (text.trim() === "") return { members: [] };
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (error) {
    const reason = messageOf(error).replace(/unexpected EOF$/, "unexpected end of JSON input");
    throw fault("invalid", reason.startsWith("invalid JSON: ") ? reason : `invalid JSON: ${reason}`, { cause: error });
  }
  if (value === null) return { members: [] };
  if (isJsonObject(value)) return value;
  const kind = value instanceof JsonNumber ? "number" : Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  throw fault("invalid", `invalid JSON: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`);
}

/** Docker looks into an object that it does not know, and names what is in there. */
function unknownKeys(key: string, value: JsonValue): readonly string[] {
  if (isSettingKey(key) || flagsOnly.includes(key)) return [];
  if (isJsonObject(value)) return value.members.flatMap(([inner, content]) => unknownKeys(inner, content));
  return [key];
}

function trailOf(key: string): Trail {
  return { root: "Config", path: [key], unknown: [], present: new Set(), inList: false };
}

function printed(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(printed).join(" ")}]`;
  if (isJsonObject(value))
    return `map[${value.members
      .map(([key, member]) => `${key}:${printed(member)}`)
      .toSorted()
      .join(" ")}]`;
  return typeof value === "string" ? value : value === null ? "<nil>" : JSON.stringify(value);
}
