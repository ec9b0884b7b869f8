/** As registries know somebody. All empty where nobody is known. */
export interface Login {
  readonly username: string;
  readonly password: string;
  readonly identityToken: string;
  readonly registryToken: string;
}

export const nobody: Login = { username: "", password: "", identityToken: "", registryToken: "" };

export interface CredentialStore {
  /** @throws Error when the store cannot say */
  get(key: string): Promise<Login>;
  /** Resolves with true when it now lies unencrypted where it did not before. */
  save(key: string, login: Login): Promise<boolean>;
  /** Nothing happens where there is none. */
  erase(key: string): Promise<void>;
}
