/** What somebody shows a registry: a name with a password, or a token that an earlier login gave. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly identityToken: string;
  /** A bearer token for the registry itself, that no token server is asked for. */
  readonly registryToken?: string;
  /** As the client wrote it: "registry.example.com:5000", "https://index.docker.io/v1/"; "" is Docker Hub. */
  readonly serverAddress: string;
}

/**
 * Asks registries whether credentials are good (distribution spec: basic, and bearer with its token server). Nothing is kept.
 *
 * `login` resolves with a token that stands for them from then on, "" where the registry gives none.
 * @throws unauthorized when a token server says no, invalid for an address that is none, internal for any other answer or none at all, in
 * Docker's sentences
 */
export interface RegistryLogin {
  login(credentials: Credentials, options: { readonly signal: AbortSignal }): Promise<{ readonly identityToken: string }>;
}
