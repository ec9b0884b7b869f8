import type { Credentials, Reference } from "#image";
import { RegistryConnection } from "./connection.ts";
import { credentialsFor } from "./credentials.ts";
import { mirrorsOf, registryHost } from "./endpoint.ts";
import { Fetcher } from "./fetch.ts";
import { type RegistrySettings, usualRegistrySettings } from "./settings.ts";

/** Whom to ask under the settings of one moment: one connection a host, kept for its scheme and proofs. */
export class RegistryConnections {
  readonly settings: RegistrySettings;
  readonly fetcher: Fetcher;
  readonly #byDomain = new Map<string, { readonly mirrors: readonly RegistryConnection[]; readonly own: RegistryConnection }>();

  constructor(settings: Partial<RegistrySettings>) {
    this.settings = { ...usualRegistrySettings, ...settings };
    this.fetcher = new Fetcher(this.settings);
  }

  /** The mirrors of a name's registry and then itself. */
  all(reference: Reference): readonly RegistryConnection[] {
    const { mirrors, own } = this.#of(reference);
    return [...mirrors, own];
  }

  /** The registry that the name says. */
  own(reference: Reference): RegistryConnection {
    return this.#of(reference).own;
  }

  /** Those of a call that its own registry is shown. */
  ownCredentials(reference: Reference, credentials: Credentials | undefined): Credentials | undefined {
    return credentialsFor(this.own(reference).host, reference, credentials);
  }

  #of({ domain }: Reference): { readonly mirrors: readonly RegistryConnection[]; readonly own: RegistryConnection } {
    const found = this.#byDomain.get(domain);
    if (found !== undefined) return found;
    const connection = (host: ReturnType<typeof registryHost>): RegistryConnection =>
      new RegistryConnection(host, this.settings, this.fetcher);
    const mirrors = mirrorsOf(domain, this.settings).map(connection);
    const made = { mirrors, own: connection(registryHost(domain, this.settings.insecureRegistries)) };
    this.#byDomain.set(domain, made);
    return made;
  }
}
