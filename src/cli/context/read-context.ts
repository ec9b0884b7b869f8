import type { Invocation } from "../command.ts";
import { type ContextFile, type ContextStore, defaultContext, type TlsFiles } from "./store.ts";

/** What the list says of the default context, which no file describes. */
export const defaultDescription = "Current DOCKER_HOST based configuration";

/** A context with the files of each of its endpoints. */
export interface WholeContext {
  readonly file: ContextFile;
  readonly tls: Readonly<Record<string, TlsFiles>>;
}

/** Reads a context, the default one too. @throws ContextError */
export function readContext({ hostOf }: Pick<Invocation, "hostOf">, store: ContextStore, name: string): WholeContext {
  if (name !== defaultContext) {
    const endpoints = Object.keys(store.tlsNames(name));
    return { file: store.read(name), tls: Object.fromEntries(endpoints.map((endpoint) => [endpoint, store.tlsFiles(name, endpoint)])) };
  }
  const endpoint = { Host: hostOf(defaultContext).endpoint.address, SkipTLSVerify: false };
  return { file: { Name: defaultContext, Metadata: { Description: defaultDescription }, Endpoints: { docker: endpoint } }, tls: {} };
}
