/** Who one is to a registry, as the API takes it. */
export interface AuthConfig {
  readonly username?: string;
  readonly password?: string;
  readonly serveraddress?: string;
  /** Stands for name and password, where a login gave one. */
  readonly identitytoken?: string;
  /** A bearer token for the registry itself. */
  readonly registrytoken?: string;
}

/** The value of X-Registry-Auth: JSON in URL-safe base64. */
export function encodeRegistryAuth(auth: AuthConfig): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(auth))))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}
