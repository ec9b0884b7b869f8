// Certificates for tests, made by openssl in a folder of their own: two authorities, and what each has signed.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { succeed } from "./command.ts";

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

export interface CertificateFolder extends Disposable {
  readonly folder: string;
  /** An authority that signs itself. */
  authority(name: string): Promise<Certificate>;
  /** Signed by `by`; `names` as openssl takes them: "DNS:localhost,IP:127.0.0.1". */
  issue(name: string, options: { readonly by: Certificate; readonly names?: string }): Promise<Certificate>;
}

export function certificateFolder(): CertificateFolder {
  const folder = mkdtempSync(join(tmpdir(), "gantry-certificates-"));
  const make = async (name: string, args: readonly string[]): Promise<Certificate> => {
    const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)];
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile, "-out", certFile];
    await succeed(["openssl", "req", "-x509", ...key, "-subj", `/CN=${name}`, ...args]);
    return { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8"), certFile, keyFile };
  };
  return {
    folder,
    authority: (name) => make(name, ["-days", "2"]),
    issue: (name, { by, names }) =>
      make(name, [
        "-CA",
        by.certFile,
        "-CAkey",
        by.keyFile,
        "-days",
        "2",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        ...(names === undefined ? [] : ["-addext", `subjectAltName=${names}`]),
      ]),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
