import { messageOf } from "#base";
import type { Output } from "../output.ts";
import type { Login } from "./credential-store.ts";
import { findLogin } from "./file-store.ts";

type Entries = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Said where credentials change that then do not count. */
export const environmentWarning = `
 Warn -> DOCKER_AUTH_CONFIG is set and takes precedence.
         Unset DOCKER_AUTH_CONFIG to restore the CLI auth behaviour.
         
`;

/** Who DOCKER_AUTH_CONFIG says that one is to a registry; undefined when it says nothing of it. What it says goes before all stores. */
export function environmentLogin(text: string | undefined, key: string, stderr: Output): Login | undefined {
  if (text === undefined || text === "") return undefined;
  try {
    const { auths } = JSON.parse(text) as { readonly auths?: Entries };
    const login = findLogin(auths ?? {}, key);
    return login.username === "" && login.identityToken === "" && login.registryToken === "" ? undefined : login;
  } catch (error) {
    stderr.print(`Failed to create credential store from DOCKER_AUTH_CONFIG:  ${messageOf(error)}\n`);
    return undefined;
  }
}
