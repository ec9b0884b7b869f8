// What dockerd's flags and daemon.json say, under dockerd's names. A key that is not there yet stops the start and is named.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fault, messageOf } from "#base";
import type { TlsOptions } from "./tls.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface DaemonOptions {
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly pidFile: string;
  /** "unix:///run/gantry/gantry.sock" */
  readonly hosts: readonly string[];
  readonly group: string;
  readonly bridge: string;
  /** CIDR of the bridge's address; absent lets the daemon choose a free pool. */
  readonly bip?: string;
  readonly logLevel: LogLevel;
  readonly insecureRegistries: readonly string[];
  readonly defaultRuntime?: "crun" | "runc";
  readonly tls: TlsOptions;
}

interface Settings {
  "data-root"?: string;
  "exec-root"?: string;
  pidfile?: string;
  hosts?: string[];
  group?: string;
  bridge?: string;
  bip?: string;
  debug?: boolean;
  "log-level"?: string;
  "insecure-registries"?: string[];
  "default-runtime"?: string;
  tls?: boolean;
  tlsverify?: boolean;
  tlscacert?: string;
  tlscert?: string;
  tlskey?: string;
}

const kinds: Readonly<Record<keyof Settings, "text" | "texts" | "switch">> = {
  "data-root": "text",
  "exec-root": "text",
  pidfile: "text",
  hosts: "texts",
  group: "text",
  bridge: "text",
  bip: "text",
  debug: "switch",
  "log-level": "text",
  "insecure-registries": "texts",
  "default-runtime": "text",
  tls: "switch",
  tlsverify: "switch",
  tlscacert: "text",
  tlscert: "text",
  tlskey: "text",
};

const defaultConfigFile = "/etc/gantry/daemon.json";

/** Flags over the file; the same setting in both is refused, as dockerd does. @throws invalid, with what and where */
export function readOptions(args: readonly string[]): DaemonOptions {
  const { flags, configFile } = parseFlags(args);
  const path = configFile ?? defaultConfigFile;
  const file = parseFile(path, configFile !== undefined);
  const twice = Object.keys(file).filter((key) => Object.hasOwn(flags, key));
  if (twice.length > 0) {
    throw fault("invalid", `${path}: set both as a flag and in the file: ${twice.join(", ")}; say each in one place`);
  }
  return complete({ ...file, ...flags });
}

function parseFlags(args: readonly string[]): { flags: Settings; configFile: string | undefined } {
  const text = { type: "string" } as const;
  const texts = { type: "string", multiple: true } as const;
  try {
    const { values } = parseArgs({
      // The one switch whose "no" means something else than silence.
      args: args.map((arg) => (arg === "--tls=false" ? "--no-tls" : arg)),
      allowNegative: true,
      options: {
        "data-root": text,
        "exec-root": text,
        pidfile: { type: "string", short: "p" },
        host: { type: "string", short: "H", multiple: true },
        group: { type: "string", short: "G" },
        bridge: { type: "string", short: "b" },
        bip: text,
        debug: { type: "boolean", short: "D" },
        "log-level": { type: "string", short: "l" },
        "insecure-registry": texts,
        "default-runtime": text,
        "config-file": text,
        tls: { type: "boolean" },
        tlsverify: { type: "boolean" },
        tlscacert: text,
        tlscert: text,
        tlskey: text,
      },
    });
    const { "config-file": configFile, host, "insecure-registry": insecure, ...rest } = values;
    return {
      flags: { ...rest, ...(host !== undefined && { hosts: host }), ...(insecure !== undefined && { "insecure-registries": insecure }) },
      configFile,
    };
  } catch (error) {
    throw fault("invalid", messageOf(error), { cause: error });
  }
}

function parseFile(path: string, required: boolean): Settings {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (!required && error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw fault("invalid", `unable to read the configuration file ${path}: ${messageOf(error)}`, { cause: error });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw fault("invalid", `unable to configure the daemon with file ${path}: ${messageOf(error)}`, { cause: error });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw fault("invalid", `${path}: must hold one JSON object`);
  for (const [key, value] of Object.entries(parsed)) checkSetting(path, key, value);
  return parsed;
}

function checkSetting(path: string, key: string, value: unknown): void {
  if (!Object.hasOwn(kinds, key)) throw fault("invalid", `${path}: "${key}" is not supported by gantry yet`);
  const kind = kinds[key as keyof Settings];
  const fits =
    kind === "switch"
      ? typeof value === "boolean"
      : kind === "text"
        ? typeof value === "string"
        : Array.isArray(value) && value.every((item) => typeof item === "string");
  if (!fits)
    throw fault(
      "invalid",
      `${path}: "${key}" must be ${kind === "switch" ? "true or false" : kind === "text" ? "text" : "a list of texts"}`,
    );
}

function complete(settings: Settings): DaemonOptions {
  const execRoot = settings["exec-root"] ?? "/run/gantry";
  const runtime = settings["default-runtime"];
  if (runtime !== undefined && runtime !== "crun" && runtime !== "runc") {
    throw fault("invalid", `default-runtime: "${runtime}" is not known; crun and runc are`);
  }
  return {
    dataRoot: settings["data-root"] ?? "/var/lib/gantry",
    execRoot,
    pidFile: settings.pidfile ?? `${execRoot}/gantryd.pid`,
    hosts: (settings.hosts ?? [`unix://${execRoot}/gantry.sock`]).map(checkHost),
    group: settings.group ?? "docker",
    bridge: checkBridge(settings.bridge ?? "gantry0"),
    ...(settings.bip !== undefined && { bip: settings.bip }),
    logLevel: settings.debug === true ? "debug" : levelOf(settings["log-level"] ?? "info"),
    insecureRegistries: settings["insecure-registries"] ?? [],
    ...(runtime !== undefined && { defaultRuntime: runtime }),
    tls: tlsOf(settings),
  };
}

function checkHost(host: string): string {
  if (!/^(?:unix:\/\/\/|tcp:\/\/|fd:\/\/)/.test(host))
    throw fault("invalid", `host ${JSON.stringify(host)}: must be unix:///PATH, tcp://ADDRESS:PORT or fd://[NAME]`);
  return host;
}

function tlsOf({ tls, tlsverify = false, tlscacert, tlscert, tlskey }: Settings): TlsOptions {
  return {
    verify: tlsverify,
    ...(tls !== undefined && { tls }),
    ...(tlscacert !== undefined && { caPath: tlscacert }),
    ...(tlscert !== undefined && { certPath: tlscert }),
    ...(tlskey !== undefined && { keyPath: tlskey }),
  };
}

/** Interface names have at most 15 bytes, and room is needed for what is derived from them. */
function checkBridge(name: string): string {
  if (!/^[a-zA-Z][a-zA-Z0-9_.-]{0,14}$/.test(name)) throw fault("invalid", `bridge ${JSON.stringify(name)}: not a name for an interface`);
  return name;
}

function levelOf(text: string): LogLevel {
  if (text === "debug" || text === "info" || text === "warn" || text === "error") return text;
  throw fault("invalid", `log-level: ${JSON.stringify(text)} is not one of debug, info, warn, error`);
}
