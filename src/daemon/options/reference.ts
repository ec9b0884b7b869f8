import type { Setting } from "./setting.ts";
import { flagNameOf, isSettingKey, themes } from "./settings.ts";

/** The settings as tables in Markdown, a theme each. */
export function settingsReference(): string {
  return Object.entries(themes)
    .map(([theme, settings]) => `## ${theme}\n\n| key | flag | default | |\n|---|---|---|---|\n${rows(settings).join("\n")}`)
    .join("\n\n");
}

function rows(settings: Readonly<Record<string, Setting>>): readonly string[] {
  return Object.entries(settings).map(([key, entry]) => {
    const flag = isSettingKey(key) ? flagNameOf(key) : undefined;
    const name = flag === undefined ? "" : `\`--${flag}\`${entry.short === undefined ? "" : ` \`-${entry.short}\``}`;
    return `| \`${key}\` | ${name} | ${entry.fallback ?? ""} | ${remark(entry)} |`;
  });
}

function remark(entry: Setting): string {
  const refused = entry.supports !== undefined && entry.note === undefined ? ["any other value stops the start"] : [];
  const parts = [
    entry.help,
    ...(entry.note === undefined ? [] : [entry.note]),
    ...refused,
    ...(entry.reloads === true ? ["SIGHUP applies it"] : []),
  ];
  return parts.join("; ").replaceAll("|", "\\|");
}
