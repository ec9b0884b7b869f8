import { existsSync, readFileSync } from "node:fs";
import { type AppArmor, usualAppArmorProfile, usualAppArmorText } from "#container";
import { findProgram, programEnvironment } from "./programs.ts";

const securityFolder = "/sys/kernel/security/apparmor";

/** What was found, and what whoever runs the daemon should know of it. */
export interface OpenedAppArmor {
  /** Absent where the kernel has no AppArmor. */
  readonly appArmor?: AppArmor;
  readonly warning?: string;
}

/** Loads the usual profile where the kernel asks for profiles and does not have it yet. Never fails: without it containers run unconfined. */
export async function openAppArmor(): Promise<OpenedAppArmor> {
  if (!isEnabled()) return {};
  const reason = isLoaded() ? undefined : await load();
  if (reason === undefined) return { appArmor: { hasUsual: true } };
  return {
    appArmor: { hasUsual: false },
    warning: `AppArmor is enabled, but the profile ${usualAppArmorProfile} could not be loaded, so containers run without one: ${reason}`,
  };
}

function isEnabled(): boolean {
  return existsSync(securityFolder) && (textOf("/sys/module/apparmor/parameters/enabled") ?? "").startsWith("Y");
}

function isLoaded(): boolean {
  return (textOf(`${securityFolder}/profiles`) ?? "").split("\n").some((line) => line.startsWith(`${usualAppArmorProfile} (`));
}

/** The parser turns the text into what the kernel takes. Gives its reason where it does not. */
async function load(): Promise<string | undefined> {
  const parser = findProgram("apparmor_parser");
  if (parser === undefined) return "apparmor_parser is not installed";
  const child = Bun.spawn([parser, "-Kr"], {
    cwd: "/",
    env: programEnvironment("/"),
    stdin: new Blob([usualAppArmorText]),
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = await child.stderr.text();
  return (await child.exited) === 0 ? undefined : said.trim();
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
