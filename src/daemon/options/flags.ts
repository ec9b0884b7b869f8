import { type Flag, parseFlags } from "#cli";
import { flagNameOf, type SettingKey, settingKeys, settingOf, type Settings } from "./settings.ts";

/** What a command line says: settings, and what is no setting of the daemon. */
export interface FlagSettings {
  readonly settings: Settings;
  readonly configFile: string | undefined;
  readonly validate: boolean;
  readonly help: boolean;
  readonly version: boolean;
}

const ownFlags: readonly Flag[] = [
  { name: "config-file", kind: "text", valueName: "string", usage: "Daemon configuration file", fallback: "/etc/gantry/daemon.json" },
  { name: "validate", kind: "bool", valueName: "", usage: "Validate daemon configuration and exit" },
  { name: "version", short: "v", kind: "bool", valueName: "", usage: "Print version information and quit" },
];

/** Every flag of the daemon, as the parser and the help take it. */
export const daemonFlags: readonly Flag[] = [...settingKeys.flatMap(flagOf), ...ownFlags];

/** Reads a command line. @throws Error in pflag's words */
export function readFlags(args: readonly string[]): FlagSettings {
  const { values, positionals, help } = parseFlags({ flags: daemonFlags }, args);
  if (positionals.length > 0 && !help) throw new Error('"gantryd" accepts no arguments.');
  const given = settingKeys.flatMap((key) => {
    const name = flagNameOf(key);
    if (name === undefined || !values.changed(name)) return [];
    const { kind } = settingOf(key);
    const said = kind.word === "" && !kind.collects ? [String(values.bool(name))] : kind.collects ? values.list(name) : [values.text(name)];
    return [[key, kind.parse(said)] as const];
  });
  return {
    settings: Object.fromEntries(given) as Settings,
    configFile: values.changed("config-file") ? values.text("config-file") : undefined,
    validate: values.bool("validate"),
    help,
    version: values.bool("version"),
  };
}

function flagOf(key: SettingKey): readonly Flag[] {
  const { kind, help, short, fallback, hidden } = settingOf(key);
  const name = flagNameOf(key);
  if (name === undefined) return [];
  const isSwitch = kind.word === "" && !kind.collects;
  return [
    {
      name,
      kind: isSwitch ? "bool" : kind.collects ? "list" : "text",
      valueName: kind.word,
      usage: help,
      check: (value) => void kind.parse([value]),
      ...(short !== undefined && { short }),
      ...(fallback !== undefined && { fallback }),
      ...(hidden === true && { hidden }),
    },
  ];
}
