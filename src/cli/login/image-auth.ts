import { messageOf } from "#base";
import { encodeRegistryAuth } from "#client";
import type { ConfigFile } from "../config-file.ts";
import type { Output } from "../output.ts";
import { openCredentialStore } from "./open-store.ts";
import { environmentLogin } from "./environment-logins.ts";
import { credentialKeyOfImage } from "./server-address.ts";

/**
 * X-Registry-Auth for an image: what is known for its registry and nothing else, undefined when that is nothing. A store that cannot say
 * costs a warning, since the image may be everybody's.
 */
export async function authForImage(
  image: string,
  { config, stderr }: { readonly config: ConfigFile; readonly stderr: Output },
): Promise<string | undefined> {
  const key = credentialKeyOfImage(image);
  try {
    const login =
      environmentLogin(process.env["DOCKER_AUTH_CONFIG"], key, stderr) ?? (await openCredentialStore(config, key, process.env).get(key));
    const { username, password, identityToken, registryToken } = login;
    const auth = {
      ...(username !== "" && { username }),
      ...(password !== "" && { password }),
      ...(identityToken !== "" && { identitytoken: identityToken }),
      ...(registryToken !== "" && { registrytoken: registryToken }),
    };
    return Object.keys(auth).length === 0 ? undefined : encodeRegistryAuth({ ...auth, serveraddress: key });
  } catch (error) {
    stderr.print(`WARNING: asking ${key} as nobody: ${messageOf(error)}\n`);
    return undefined;
  }
}
