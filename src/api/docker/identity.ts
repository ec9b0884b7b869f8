import { newestVersion, oldestVersion } from "#wire";

/** Who answers: our own version, and the Docker release whose API we speak, which clients compare. */
export interface Identity {
  /** Gantry's own version and commit. */
  readonly version: string;
  readonly commit: string;
  /** RFC 3339. */
  readonly buildTime: string;
  readonly dockerVersion: string;
  readonly apiVersion: string;
  readonly minApiVersion: string;
  readonly experimental?: boolean;
}

/** The release of Docker whose answers ours are held against. */
export const spokenRelease = {
  dockerVersion: "28.5.2",
  apiVersion: newestVersion.text,
  minApiVersion: oldestVersion.text,
} as const;

/** Headers of every reply to a known route. */
export function identityHeaders(identity: Identity): Readonly<Record<string, string>> {
  return {
    "Api-Version": identity.apiVersion,
    "Docker-Experimental": String(identity.experimental ?? false),
    Ostype: "linux",
    Server: `Docker/${identity.dockerVersion} (linux)`,
  };
}
