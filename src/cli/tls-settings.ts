// TLS to the daemon, from the flags and their environment, or from the files of a context.
import { existsSync, readFileSync } from "node:fs";
import type { TlsSettings } from "#client";
import type { TlsFiles } from "./context/store.ts";
import { describeOpenError } from "./environment.ts";
import type { FlagValues } from "./flag.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What `--tls` and its like ask for; undefined without them. --tlsverify turns TLS on whatever its value is, as in Docker.
 * @throws Error in Docker's words for a file that cannot be read
 */
export function chosenTls(flags: FlagValues, env: Environment): TlsSettings | undefined {
  const set = (name: string): boolean => (env[name] ?? "") !== "";
  const verify = flags.changed("tlsverify") ? flags.bool("tlsverify") : set("DOCKER_TLS_VERIFY");
  const wanted = flags.changed("tls") ? flags.bool("tls") : set("DOCKER_TLS");
  if (!wanted && !verify && !flags.changed("tlsverify")) return undefined;
  const own = (name: "tlscert" | "tlskey"): string | undefined => {
    const path = flags.text(name);
    return flags.changed(name) || existsSync(path) ? readPem(path) : undefined;
  };
  const [cert, key] = [own("tlscert"), own("tlskey")];
  return { ca: readPem(flags.text("tlscacert")), verify, ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}

/** What a context says; undefined when it says nothing of TLS. */
export function storedTls(files: TlsFiles, skipVerify: boolean): TlsSettings | undefined {
  if (Object.keys(files).length === 0 && !skipVerify) return undefined;
  const texts = (["ca", "cert", "key"] as const).flatMap((name) => {
    const bytes = files[`${name}.pem`];
    return bytes === undefined ? [] : [[name, Buffer.from(bytes).toString()] as const];
  });
  return { ...Object.fromEntries(texts), verify: !skipVerify };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(describeOpenError(path, error), { cause: error });
  }
}
