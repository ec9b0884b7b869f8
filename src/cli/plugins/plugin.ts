// Plugins of Docker's command line: programs called docker-NAME that say of themselves what they are.
import { spawn } from "node:child_process";
import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ConfigFile } from "../config-file.ts";

/** Folders where packages put them, after those of the user. */
const systemFolders = [
  "/usr/local/lib/docker/cli-plugins",
  "/usr/local/libexec/docker/cli-plugins",
  "/usr/lib/docker/cli-plugins",
  "/usr/libexec/docker/cli-plugins",
];

const prefix = "docker-";
const validName = /^[a-z][a-z0-9]*$/;
const schema = "0.1.0";
/** How long a plugin may take to say what it is, in milliseconds. */
const patience = 10_000;

/** A program that may be a plugin; `problem` says why it is none. */
export interface Plugin {
  readonly name: string;
  readonly path: string;
  readonly metadata: PluginMetadata;
  readonly problem?: string;
}

export interface PluginMetadata {
  readonly SchemaVersion?: string;
  readonly Vendor?: string;
  readonly Version?: string;
  readonly ShortDescription?: string;
  readonly URL?: string;
  readonly Hidden?: boolean;
}

function folders(config: ConfigFile): readonly string[] {
  return [...config.list("cliPluginsExtraDirs"), join(config.folder, "cli-plugins"), ...systemFolders];
}

/** The plugin of a name in the first folder that has one; undefined when there is none, or it is not valid. */
export async function findPlugin(name: string, config: ConfigFile): Promise<Plugin | undefined> {
  if (!validName.test(name)) return undefined;
  const path = folders(config)
    .map((folder) => join(folder, prefix + name))
    .find((candidate) => statSync(candidate, { throwIfNoEntry: false }) !== undefined);
  if (path === undefined) return undefined;
  const plugin = await describe(path, name, () => false);
  return plugin.problem === undefined ? plugin : undefined;
}

/** All that look like plugins, by name, each asked what it is. `isBuiltin` tells the names of our own commands. */
export async function listPlugins(config: ConfigFile, isBuiltin: (name: string) => boolean): Promise<readonly Plugin[]> {
  const found = new Map<string, string>();
  for (const folder of folders(config)) {
    for (const [name, path] of candidates(folder)) if (!found.has(name)) found.set(name, path);
  }
  const plugins = await Promise.all([...found].map(([name, path]) => describe(path, name, isBuiltin)));
  return plugins.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function candidates(folder: string): [name: string, path: string][] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.name.startsWith(prefix) && entry.name.length > prefix.length && (entry.isFile() || entry.isSymbolicLink()))
      .map((entry) => [entry.name.slice(prefix.length), join(folder, entry.name)]);
  } catch {
    return []; // no such folder, or not ours to read
  }
}

async function describe(path: string, name: string, isBuiltin: (name: string) => boolean): Promise<Plugin> {
  const invalid = (problem: string, metadata: PluginMetadata = {}): Plugin => ({ name, path, metadata, problem });
  if (!validName.test(name)) return invalid(`plugin candidate "${name}" did not match "${validName.source}"`);
  if (isBuiltin(name)) return invalid(`plugin "${name}" duplicates builtin command`);
  const answer = await askMetadata(path);
  if (answer.failure !== undefined) return invalid(`failed to fetch metadata: ${answer.failure}`);
  const metadata = await parseMetadata(answer.text);
  if (typeof metadata === "string") return invalid(`invalid metadata: ${metadata}`);
  const { SchemaVersion = "", Vendor = "" } = metadata;
  if (SchemaVersion !== schema) return invalid(`plugin SchemaVersion "${SchemaVersion}" is not valid, must be ${schema}`, metadata);
  if (Vendor === "") return invalid("plugin metadata does not define a vendor", metadata);
  return { name, path, metadata };
}

interface Answer {
  readonly text: string;
  readonly failure?: string;
}

function askMetadata(path: string): Promise<Answer> {
  const reason = whyNotRunnable(path);
  if (reason !== undefined) return Promise.resolve({ text: "", failure: `fork/exec ${path}: ${reason}` });
  return new Promise((resolve) => {
    const child = spawn(path, ["docker-cli-plugin-metadata"], {
      stdio: ["ignore", "pipe", "ignore"],
      timeout: patience,
      killSignal: "SIGKILL",
      env: { ...process.env, DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND: process.argv0 },
    });
    let text = "";
    child.stdout.on("data", (bytes: Buffer) => (text += bytes.toString()));
    child.on("error", (error) => resolve({ text, failure: `fork/exec ${path}: ${error.message}` }));
    child.on("close", (code, signal) => {
      if (code === 0) resolve({ text });
      else resolve({ text, failure: signal === null ? `exit status ${code}` : `signal: ${signal}` });
    });
  });
}

function whyNotRunnable(path: string): string | undefined {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return "no such file or directory";
  try {
    accessSync(path, constants.X_OK);
    return undefined;
  } catch {
    return "permission denied";
  }
}

/** The metadata, or what is wrong with it in the words of Go's decoder. */
async function parseMetadata(text: string): Promise<PluginMetadata | string> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : "not an object";
  } catch {
    const { describeSyntax } = await import("../json-syntax.ts");
    return describeSyntax(text);
  }
}
