// Contexts of Docker's command line, read only: contexts/meta/<sha256 of the name>/meta.json beside config.json, and PEM files under contexts/tls.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Endpoint, parseEndpoint } from "#client";

interface ContextFile {
  readonly Endpoints?: { readonly docker?: { readonly Host?: string; readonly SkipTLSVerify?: boolean } };
}

/** The name that `docker context use` has left; "default" when there is none. */
export function currentContext(): string {
  const text = textOf(join(configFolder(), "config.json"));
  const config = text === undefined ? {} : (JSON.parse(text) as { readonly currentContext?: string });
  return config.currentContext || "default";
}

/** Where a context leads; undefined for "default", which no file describes. @throws Error when there is none of the name */
export function contextEndpoint(name: string): Endpoint | undefined {
  if (name === "default") return undefined;
  const id = createHash("sha256").update(name).digest("hex");
  const contexts = join(configFolder(), "contexts");
  const text = textOf(join(contexts, "meta", id, "meta.json"));
  if (text === undefined) throw new Error(`context ${JSON.stringify(name)} not found in ${contexts}`);
  const { Host = "", SkipTLSVerify = false } = (JSON.parse(text) as ContextFile).Endpoints?.docker ?? {};
  if (Host === "") return undefined;
  const [ca, cert, key] = ["ca.pem", "cert.pem", "key.pem"].map((file) => textOf(join(contexts, "tls", id, "docker", file)));
  const secured = SkipTLSVerify || ca !== undefined || cert !== undefined;
  const tls = { verify: !SkipTLSVerify, ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return parseEndpoint(Host, secured ? { tls } : {});
}

function configFolder(): string {
  return process.env["DOCKER_CONFIG"] || join(process.env["HOME"] || "/", ".docker");
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
