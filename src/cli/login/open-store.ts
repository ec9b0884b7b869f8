// Where credentials are: in a program of the user's for the registry (credHelpers) or for all (credsStore), else in config.json. What one of
// them has not is never looked for in the other.
import type { ConfigFile } from "../config-file.ts";
import type { CredentialStore } from "./credential-store.ts";
import { FileStore } from "./file-store.ts";
import { ProgramStore } from "./program-store.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The store for a registry. */
export function openCredentialStore(config: ConfigFile, key: string, env: Environment): CredentialStore {
  const program = config.texts("credHelpers")[key] ?? config.text("credsStore");
  return program === "" ? new FileStore(config) : new ProgramStore(program, config, env);
}
