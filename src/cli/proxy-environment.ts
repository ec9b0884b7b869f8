import type { ConfigFile } from "./config-file.ts";

const variables: readonly (readonly [key: string, variable: string])[] = [
  ["httpProxy", "HTTP_PROXY"],
  ["httpsProxy", "HTTPS_PROXY"],
  ["noProxy", "NO_PROXY"],
  ["ftpProxy", "FTP_PROXY"],
  ["allProxy", "ALL_PROXY"],
];

/**
 * What `proxies` of config.json adds to a container's variables: those of this daemon, else those of "default", each in capitals and in
 * small letters, and none whose name `given` has already.
 */
export function proxyEnvironment(config: ConfigFile, daemon: string, given: readonly string[]): readonly string[] {
  const all = config.objects("proxies");
  const proxies = all[daemon] ?? all["default"] ?? {};
  const names = new Set(given.map((entry) => entry.split("=", 1)[0]));
  return variables.flatMap(([key, variable]) => {
    const value = proxies[key];
    if (typeof value !== "string" || value === "") return [];
    return [variable, variable.toLowerCase()].filter((name) => !names.has(name)).map((name) => `${name}=${value}`);
  });
}
