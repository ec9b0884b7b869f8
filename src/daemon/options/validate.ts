import { EngineError, fault, messageOf } from "#base";
import { flagNameOf, type SettingKey, settingKeys, settingOf, type Settings } from "./settings.ts";

/** @throws invalid in Docker's words for what is no value, unsupported with the setting's name for one whose function is not there */
export function validateSettings(settings: Settings): void {
  for (const key of settingKeys) {
    const value = settings[key];
    if (value === undefined) continue;
    const entry = settingOf(key);
    try {
      entry.check?.(value);
    } catch (error) {
      if (error instanceof EngineError) throw error;
      throw fault("invalid", messageOf(error), { cause: error });
    }
    if (entry.supports?.(value) === false)
      throw fault("unsupported", `${nameOf(key)}: ${shown(key, settings)} is not supported by gantry yet`);
  }
}

function nameOf(key: SettingKey): string {
  const flag = flagNameOf(key);
  return flag === undefined ? `"${key}"` : `"${key}" (--${flag})`;
}

function shown(key: SettingKey, settings: Settings): string {
  const value = settings[key];
  return typeof value === "string" ? value : JSON.stringify(value);
}
