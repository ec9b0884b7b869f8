import { messageOf } from "#base";
import type { Command, Invocation } from "../command.ts";
import { openCredentialStore } from "./open-store.ts";
import { environmentWarning } from "./environment-logins.ts";
import { credentialKey, hubAddress } from "./server-address.ts";

export const logoutCommand: Command = {
  synopsis: "[SERVER]",
  summary: "Log out from a registry.\nIf no server is specified, the default is defined by the daemon.",
  args: { min: 0, max: 1 },
  flags: [],
  run: logout,
};

async function logout({ args, config, stdout, stderr }: Invocation): Promise<number> {
  if (process.env["DOCKER_AUTH_CONFIG"]) stderr.print(environmentWarning);
  const [server = ""] = args;
  const key = credentialKey(server);
  // Other clients keep whole addresses.
  const names = key === hubAddress ? [key] : new Set([key, server, `http://${key}`, `https://${key}`]);
  stdout.print(`Removing login credentials for ${key}\n`);
  const failures = new Map<string, string>();
  for (const name of names) {
    await openCredentialStore(config, name, process.env)
      .erase(name)
      .catch((error: unknown) => failures.set(name, messageOf(error)));
  }
  if (failures.size > 0) {
    const lines = [...failures].map(([name, why]) => `${name}: ${why}\n`);
    stderr.print(`WARNING: could not erase credentials:\n${lines.join("")}`);
  }
  return 0;
}
