import type { ConfigFile } from "../config-file.ts";
import { type CredentialStore, type Login, nobody } from "./credential-store.ts";
import { hostOf } from "./server-address.ts";

type Entry = Readonly<Record<string, unknown>>;

/** Credentials in config.json, which is then its owner's alone. */
export class FileStore implements CredentialStore {
  readonly #config: ConfigFile;

  constructor(config: ConfigFile) {
    this.#config = config;
  }

  get(key: string): Promise<Login> {
    return Promise.resolve(findLogin(this.#config.objects("auths"), key));
  }

  save(key: string, login: Login): Promise<boolean> {
    const before = this.#config.objects("auths")[key];
    const entry = encodeLogin(login);
    if (before !== undefined && Bun.deepEquals(before, entry)) return Promise.resolve(false);
    this.#config.saveMember("auths", key, entry);
    return Promise.resolve(true);
  }

  erase(key: string): Promise<void> {
    if (key in this.#config.objects("auths")) this.#config.saveMember("auths", key, undefined);
    return Promise.resolve();
  }
}

/** Older clients kept whole addresses: those of the same host count too. */
export function findLogin(auths: Readonly<Record<string, Entry>>, key: string): Login {
  const entry = auths[key] ?? Object.entries(auths).find(([name]) => hostOf(name) === key)?.[1];
  return entry === undefined ? nobody : decodeLogin(entry);
}

/** As config.json has it; empty for nobody. */
export function encodeLogin({ username, password, identityToken, registryToken }: Login): Entry {
  const pair = `${username}:${password}`;
  return {
    ...(pair !== ":" && { auth: Buffer.from(pair).toString("base64") }),
    ...(identityToken !== "" && { identitytoken: identityToken }),
    ...(registryToken !== "" && { registrytoken: registryToken }),
  };
}

function decodeLogin(entry: Entry): Login {
  const text = (key: string): string => {
    const value = entry[key];
    return typeof value === "string" ? value : "";
  };
  const pair = Buffer.from(text("auth"), "base64").toString("utf8");
  const colon = pair.indexOf(":");
  const [username, password] = colon === -1 ? [text("username"), text("password")] : [pair.slice(0, colon), pair.slice(colon + 1)];
  return { username, password: password.replace(/\0+$/, ""), identityToken: text("identitytoken"), registryToken: text("registrytoken") };
}
