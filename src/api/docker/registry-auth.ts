import type { Credentials } from "#image";
import { authConfig, decode, parseJson } from "#wire";

/** What X-Registry-Auth says: JSON in base64, for URLs or not. Docker takes what it cannot read, and what says nothing, for nobody's. */
export function registryCredentials(header: string | undefined): Credentials | undefined {
  if (header === undefined || header === "") return undefined;
  try {
    const { value } = decode(authConfig, parseJson(Buffer.from(header, "base64").toString("utf8")));
    const { username, password, serveraddress: serverAddress, identitytoken: identityToken, registrytoken: registryToken } = value;
    if (username === "" && password === "" && identityToken === "" && registryToken === "") return undefined;
    return { username, password, identityToken, registryToken, serverAddress };
  } catch {
    return undefined;
  }
}
