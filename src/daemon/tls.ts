import { readFileSync, statSync } from "node:fs";
import { X509Certificate } from "node:crypto";
import { fault, messageOf } from "#base";

/** As dockerd names them. */
export interface TlsOptions {
  /** Undefined unless it was said: doing without TLS must be asked for in so many words. */
  readonly tls?: boolean;
  readonly verify: boolean;
  readonly caPath?: string;
  readonly certPath?: string;
  readonly keyPath?: string;
}

/** What a listener shows, and what it asks of clients. */
export interface TlsMaterial {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The names that the certificate is for. */
  readonly names: readonly string[];
}

/** How a TCP door is locked: both sides show a certificate, or, on loopback and when told so, not at all (row H15). @throws invalid */
export function lockOf(door: { readonly host: string; readonly loopback: boolean }, options: TlsOptions): TlsMaterial | "open" {
  const { tls, verify, caPath, certPath, keyPath } = options;
  if (!verify) {
    if (tls === false && door.loopback) return "open";
    throw fault(
      "invalid",
      `host ${door.host}: refused without client certificates, which need tlsverify, tlscacert, tlscert and tlskey` +
        (door.loopback ? "; or say --tls=false" : ""),
    );
  }
  if (caPath === undefined || certPath === undefined || keyPath === undefined)
    throw fault("invalid", `host ${door.host}: tlsverify needs tlscacert, tlscert and tlskey`);
  checkKeyMode(keyPath);
  const cert = read("tlscert", certPath);
  return { ca: read("tlscacert", caPath), cert, key: read("tlskey", keyPath), names: namesOf(cert, certPath) };
}

/** A key that others may read is no key. */
function checkKeyMode(path: string): void {
  const { mode, uid } = describe("tlskey", path);
  if ((mode & 0o177) !== 0 || uid !== process.getuid?.())
    throw fault(
      "invalid",
      `tlskey: ${path} must belong to root with mode 0400 or 0600, not ${(mode & 0o7777).toString(8).padStart(4, "0")} of uid ${uid}`,
    );
}

function describe(option: string, path: string): { readonly mode: number; readonly uid: number } {
  try {
    return statSync(path);
  } catch (error) {
    throw fault("invalid", `${option}: ${messageOf(error)}`, { cause: error });
  }
}

function read(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fault("invalid", `${option}: ${messageOf(error)}`, { cause: error });
  }
}

function namesOf(cert: Buffer, path: string): readonly string[] {
  try {
    const names = new X509Certificate(cert).subjectAltName ?? "";
    return names.split(", ").flatMap((name) => (name.startsWith("DNS:") ? [name.slice("DNS:".length)] : []));
  } catch (error) {
    throw fault("invalid", `tlscert: ${path}: ${messageOf(error)}`, { cause: error });
  }
}
