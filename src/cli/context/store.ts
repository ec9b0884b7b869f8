// Contexts as Docker's client keeps them, so that both see the same: contexts/meta/<sha256 of the name>/meta.json says what and where,
// contexts/tls/<sha256>/<endpoint>/ holds ca.pem, cert.pem and key.pem.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeOpenError } from "../environment.ts";

/** The context that no file describes: DOCKER_HOST, -H and the flags for TLS, or our own socket. */
export const defaultContext = "default";

/** meta.json; what we do not know of it is kept. */
export interface ContextFile {
  readonly Name: string;
  readonly Metadata: { readonly Description?: string; readonly [key: string]: unknown };
  readonly Endpoints: Readonly<Record<string, ContextEndpoint>>;
}

export interface ContextEndpoint {
  readonly Host?: string;
  readonly SkipTLSVerify?: boolean;
  readonly [key: string]: unknown;
}

/** PEM files of one endpoint by their name. */
export type TlsFiles = Readonly<Record<string, Uint8Array>>;

/** A context that is not there or cannot be read; the message is Docker's. */
export class ContextError extends Error {
  override readonly name = "ContextError";
}

export class ContextStore {
  readonly #folder: string;

  /** Of the folder that holds config.json. */
  constructor(configFolder: string) {
    this.#folder = join(configFolder, "contexts");
  }

  metaFolder(name: string): string {
    return join(this.#folder, "meta", idOf(name));
  }

  tlsFolder(name: string): string {
    return join(this.#folder, "tls", idOf(name));
  }

  /** @throws ContextError */
  read(name: string): ContextFile {
    return this.#readFile(join(this.metaFolder(name), "meta.json"), name);
  }

  has(name: string): boolean {
    return this.#folders("meta").includes(idOf(name));
  }

  /** Every context by name. @throws ContextError when one cannot be read */
  list(): readonly ContextFile[] {
    const found = this.#folders("meta").map((id) => this.#readFile(join(this.#folder, "meta", id, "meta.json"), id));
    return found.toSorted((a, b) => (a.Name < b.Name ? -1 : 1));
  }

  /** What an endpoint needs for TLS; empty where it needs none. */
  tlsFiles(name: string, endpoint = "docker"): TlsFiles {
    const folder = join(this.tlsFolder(name), endpoint);
    return Object.fromEntries(entriesOf(folder).map((file) => [file, readFileSync(join(folder, file))]));
  }

  /** Endpoints that have files for TLS, and those files' names. */
  tlsNames(name: string): Readonly<Record<string, readonly string[]>> {
    const folder = this.tlsFolder(name);
    return Object.fromEntries(entriesOf(folder).map((endpoint) => [endpoint, entriesOf(join(folder, endpoint))]));
  }

  /** Makes or replaces a context; `tls` absent keeps the files that are there. */
  write(context: ContextFile, tls?: Readonly<Record<string, TlsFiles>>): void {
    const folder = this.metaFolder(context.Name);
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    replaceFile(join(folder, "meta.json"), JSON.stringify(context), 0o644);
    if (tls === undefined) return;
    rmSync(this.tlsFolder(context.Name), { recursive: true, force: true });
    for (const [endpoint, files] of Object.entries(tls)) {
      if (Object.keys(files).length === 0) continue;
      const target = join(this.tlsFolder(context.Name), endpoint);
      mkdirSync(target, { recursive: true, mode: 0o700 });
      for (const [file, bytes] of Object.entries(files)) replaceFile(join(target, file), bytes, 0o600);
    }
  }

  remove(name: string): void {
    rmSync(this.metaFolder(name), { recursive: true, force: true });
    rmSync(this.tlsFolder(name), { recursive: true, force: true });
  }

  #folders(kind: "meta" | "tls"): string[] {
    return entriesOf(join(this.#folder, kind)).filter((id) => /^[0-9a-f]{64}$/.test(id));
  }

  #readFile(path: string, name: string): ContextFile {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      const reason = describeOpenError(path, error);
      const absent = reason.endsWith("no such file or directory");
      throw new ContextError(`context "${name}": ${absent ? "context not found: " : ""}${reason}`, { cause: error });
    }
    try {
      return contextFile(JSON.parse(text));
    } catch (error) {
      throw new ContextError(`context "${name}": ${path} is no description of a context`, { cause: error });
    }
  }
}

/** Checks what was read from a file or an archive. @throws TypeError when it is no description of a context */
export function contextFile(value: unknown): ContextFile {
  if (!isObject(value)) throw new TypeError("not an object");
  const { Name, Metadata = {}, Endpoints = {} } = value;
  if (typeof Name !== "string" || !isObject(Metadata) || !isObject(Endpoints)) throw new TypeError("wrong members");
  if (!Object.values(Endpoints).every(isEndpoint)) throw new TypeError("wrong endpoints");
  return { ...value, Name, Metadata, Endpoints: Endpoints as Readonly<Record<string, ContextEndpoint>> };
}

function isEndpoint(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { Host, SkipTLSVerify } = value;
  return (Host === undefined || typeof Host === "string") && (SkipTLSVerify === undefined || typeof SkipTLSVerify === "boolean");
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function idOf(name: string): string {
  return new Bun.CryptoHasher("sha256").update(name).digest("hex");
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) return [];
    throw error;
  }
}

function replaceFile(path: string, content: string | Uint8Array, mode: number): void {
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, content, { mode });
  renameSync(fresh, path);
}
