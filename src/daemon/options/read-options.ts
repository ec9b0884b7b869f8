// What the daemon was told: flags over daemon.json over defaults.
import { fault, messageOf } from "#base";
import { completeOptions, type DaemonOptions } from "./daemon-options.ts";
import { type FileSettings, readConfigFile, refuseConflicts } from "./config-file.ts";
import { type FlagSettings, readFlags } from "./flags.ts";
import type { SettingKey, Settings } from "./settings.ts";
import { validateSettings } from "./validate.ts";

const defaultConfigFile = "/etc/gantry/daemon.json";

/** A daemon's whole configuration, and how to read it anew. */
export interface Configuration {
  readonly options: DaemonOptions;
  /** Flags and the file as they are now. @throws invalid */
  reread(): Reread;
}

/** What a configuration says when it is read again. */
export interface Reread {
  readonly options: DaemonOptions;
  /** True for a setting that somebody says; the others have their defaults in `options`. */
  readonly says: (key: SettingKey) => boolean;
}

/** @throws invalid in Docker's words, with the file's path where the file is at fault; unsupported with the name of a setting */
export function readConfiguration(flags: FlagSettings): Configuration {
  const reread = (): Reread => {
    const settings = merged(flags);
    return { options: completeOptions(settings), says: (key) => settings[key] !== undefined };
  };
  return { options: reread().options, reread };
}

/** Flags over the file; the same setting in both is refused, as dockerd does. @throws as readConfiguration, and in pflag's words */
export function readOptions(args: readonly string[]): DaemonOptions {
  return readConfiguration(readFlags(args)).options;
}

function merged(flags: FlagSettings): Settings {
  const path = flags.configFile ?? defaultConfigFile;
  try {
    const file = readConfigFile(path);
    if (file !== undefined) return withFile(file, flags.settings);
    if (flags.configFile !== undefined) throw fault("invalid", `open ${path}: no such file or directory`);
  } catch (error) {
    throw fault("invalid", `unable to configure the daemon with file ${path}: ${messageOf(error)}`, { cause: error });
  }
  validateSettings(flags.settings);
  return flags.settings;
}

function withFile(file: FileSettings, flags: Settings): Settings {
  refuseConflicts(file, flags);
  const settings = {
    ...file.settings,
    ...flags,
    // The one setting that a flag adds to.
    ...((file.settings.runtimes ?? flags.runtimes) !== undefined && { runtimes: { ...file.settings.runtimes, ...flags.runtimes } }),
  };
  try {
    validateSettings(settings);
  } catch (error) {
    throw fault("invalid", `merged configuration validation from file and command line flags failed: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return settings;
}
