// Every setting that dockerd has, in one table: flags, daemon.json, `--help`, `--validate` and docs/daemon.md are made from it.
import { containerSettings } from "./container-settings.ts";
import { engineSettings } from "./engine-settings.ts";
import { imageSettings } from "./image-settings.ts";
import { networkSettings } from "./network-settings.ts";
import type { Setting } from "./setting.ts";

const table = { ...engineSettings, ...containerSettings, ...networkSettings, ...imageSettings };

export type SettingKey = keyof typeof table;

/** What was said, by key; a key that nobody said is absent. */
export type Settings = { readonly [Key in SettingKey]?: (typeof table)[Key] extends Setting<infer T> ? T : never };

/** The table by themes, as the reference shows it. */
export const themes: Readonly<Record<string, Readonly<Record<string, Setting>>>> = {
  "The daemon": engineSettings,
  Containers: containerSettings,
  "The default network": networkSettings,
  Images: imageSettings,
};

export const settingKeys = Object.keys(table) as readonly SettingKey[];

export function settingOf(key: SettingKey): Setting {
  return table[key];
}

export function isSettingKey(key: string): key is SettingKey {
  return Object.hasOwn(table, key);
}

/** The flag's name, without dashes; undefined for a key that has none. */
export function flagNameOf(key: SettingKey): string | undefined {
  const { flag = key } = settingOf(key);
  return flag ?? undefined;
}
