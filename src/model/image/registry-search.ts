import type { RegistryCall } from "./registry.ts";

/** An image repository that a registry tells of. */
export interface SearchHit {
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly official: boolean;
}

/**
 * Asks a registry's index (Docker's /v1/search) for repositories. A term that begins with a host is for that registry, any other for
 * docker.io's index. @throws unavailable with a sentence that names the host
 */
export interface RegistrySearch {
  search(term: string, options: RegistryCall & { readonly limit: number }): Promise<readonly SearchHit[]>;
}
