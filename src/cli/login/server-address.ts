import { domainOf, parseReference } from "#image";

/** What Docker Hub is called among credentials, for ever. */
export const hubAddress = "https://index.docker.io/v1/";

/** The name under which a registry's credentials are kept, for what a user calls it; "" is Docker Hub. */
export function credentialKey(server: string): string {
  return server === "" || server === "docker.io" || server === hubAddress ? hubAddress : hostOf(server);
}

/** The same for the registry of an image. @throws EngineError for a name that is none */
export function credentialKeyOfImage(image: string): string {
  return keyOfDomain(parseReference(image).domain);
}

/** The same for the registry that a term is searched at. */
export function credentialKeyOfTerm(term: string): string {
  return keyOfDomain(domainOf(term).domain);
}

function keyOfDomain(domain: string): string {
  return domain === "docker.io" ? hubAddress : domain;
}

/** An address without scheme and path: "http://registry.example.org:5000/v1/" is "registry.example.org:5000". */
export function hostOf(server: string): string {
  return server.replace(/^https?:\/\//, "").split("/", 1)[0] ?? "";
}
