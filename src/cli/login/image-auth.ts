import { messageOf } from "#base";
import { encodeRegistryAuth } from "#client";
import type { ConfigFile } from "../config-file.ts";
import type { Output } from "../output.ts";
import { openCredentialStore } from "./open-store.ts";
import { environmentLogin } from "./environment-logins.ts";
import { credentialKeyOfImage, credentialKeyOfTerm } from "./server-address.ts";

interface Means {
  readonly config: ConfigFile;
  readonly stderr: Output;
}

/** X-Registry-Auth for an image. */
export async function authForImage(image: string, means: Means): Promise<string | undefined> {
  return await authFor(credentialKeyOfImage(image), means);
}

/** The same for the registry that a term is searched at. */
export async function authForTerm(term: string, means: Means): Promise<string | undefined> {
  return await authFor(credentialKeyOfTerm(term), means);
}

/**
 * What is known for a registry and nothing else, undefined when that is nothing. A store that cannot say
 * costs a warning, since the image may be everybody's.
 */
async function authFor(key: string, { config, stderr }: Means): Promise<string | undefined> {
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
