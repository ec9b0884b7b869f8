// `--docker host=tcp://...,ca=...`: what a context says of its daemon.
import { readFileSync } from "node:fs";
import { messageOf } from "#base";
import { parseEndpoint } from "#client";
import { csvFields } from "../csv-fields.ts";
import { describeOpenError } from "../environment.ts";
import { type Flag, list, parseBool } from "../flag.ts";
import type { ContextEndpoint, ContextStore, TlsFiles } from "./store.ts";

export const endpointFlag: Flag = list("docker", "set the docker endpoint", {
  valueName: "stringToString",
  fallback: "[]",
  check: (value) => void splitSettings(value),
});

/** What `create` and `update` say of it in their help. */
export const endpointHelp = `Docker endpoint config:

NAME                DESCRIPTION
from                Copy named context's Docker endpoint configuration
host                Docker endpoint on which to connect
ca                  Trust certs signed only by this CA
cert                Path to TLS certificate file
key                 Path to TLS key file
skip-tls-verify     Skip TLS certificate validation`;

const keys = ["from", "host", "ca", "cert", "key", "skip-tls-verify"];

export interface EndpointSettings {
  readonly endpoint: ContextEndpoint;
  readonly tls: TlsFiles;
}

/** Reads the settings and the files that they name. @throws Error in Docker's words */
export function readEndpoint(values: readonly string[], store: ContextStore): EndpointSettings {
  const settings: Readonly<Record<string, string>> = Object.fromEntries(values.flatMap(splitSettings));
  const unknown = Object.keys(settings).filter((key) => !keys.includes(key));
  if (unknown.length > 0) throw new Error(unknown.map((key) => `unrecognized config key: ${key}`).join("\n"));
  const { from, host = "" } = settings;
  if (from !== undefined) return copiedEndpoint(from, store);
  const SkipTLSVerify = skipsVerification(settings["skip-tls-verify"]);
  const endpoint = { ...(host !== "" && { Host: host }), SkipTLSVerify };
  const tls = readTls(settings);
  try {
    checkEndpoint(host, tls);
  } catch (error) {
    throw new Error(`invalid docker endpoint options: ${messageOf(error)}`, { cause: error });
  }
  return { endpoint, tls };
}

function copiedEndpoint(name: string, store: ContextStore): EndpointSettings {
  const endpoint = store.read(name).Endpoints["docker"];
  if (endpoint === undefined) throw new Error(`unable to get endpoint from context "${name}"`);
  return { endpoint, tls: store.tlsFiles(name) };
}

function skipsVerification(value: string | undefined): boolean {
  try {
    return value !== undefined && parseBool(value);
  } catch (error) {
    throw new Error(`skip-tls-verify: ${messageOf(error).replace("strconv.ParseBool: ", "")}`, { cause: error });
  }
}

function readTls(settings: Readonly<Record<string, string>>): TlsFiles {
  const named = (["ca", "cert", "key"] as const).flatMap((key) => {
    const path = settings[key] ?? "";
    return path === "" ? [] : [[`${key}.pem`, readOrExplain(path)] as const];
  });
  return Object.fromEntries(named);
}

function readOrExplain(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Error(describeOpenError(path, error), { cause: error });
  }
}

function checkEndpoint(host: string, tls: TlsFiles): void {
  // Docker takes any other host here, and refuses it when it is used.
  if (host.startsWith("ssh://")) parseEndpoint(host);
  const hasBlock = (bytes: Uint8Array, kind: string): boolean =>
    new RegExp(`^-----BEGIN [A-Z ]*${kind}-----`, "m").test(Buffer.from(bytes).toString());
  const ca = tls["ca.pem"];
  const key = tls["key.pem"];
  if (ca !== undefined && !hasBlock(ca, "CERTIFICATE")) throw new Error("failed to retrieve context tls info: ca.pem seems invalid");
  if (key !== undefined && tls["cert.pem"] !== undefined && !hasBlock(key, "PRIVATE KEY")) throw new Error("no valid private key found");
}

/** As pflag has it: commas separate only where there is more than one "=". */
function splitSettings(value: string): [string, string][] {
  const count = value.split("=").length - 1;
  const pairs = count > 1 ? csvFields(value) : [value.replaceAll(/^"+|"+$/g, "")];
  return pairs.map((pair) => {
    const equals = pair.indexOf("=");
    if (equals === -1) throw new Error(`${pair} must be formatted as key=value`);
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
}
