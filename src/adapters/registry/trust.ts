// Whose certificates count for a registry: those of the machine's authorities, and what stands in a folder of its own, which also holds
// what we show ourselves by: certs.d/<host>[:<port>]/{*.crt, NAME.cert + NAME.key}.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fault } from "#base";

/** As PEM. */
export interface Trust {
  /** All authorities; absent where the machine has no list of its own, and then those that are built in count. */
  readonly ca?: string;
  /** True when some are this registry's own. */
  readonly hasOwnAuthority: boolean;
  readonly cert?: string;
  readonly key?: string;
}

/** Where Linux distributions keep the list. */
const systemLists = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/** Reads the machine's list and the first of the folders that has something for a host. @throws unavailable for half a pair */
export async function readTrust(host: string, folders: readonly string[]): Promise<Trust> {
  const system = await readFirst([process.env["SSL_CERT_FILE"] ?? "", ...systemLists]);
  for (const folder of folders) {
    const place = join(folder, host);
    const names = await readdir(place).catch(() => []);
    if (names.length > 0) return { ...(system !== undefined && { ca: system }), ...(await readFolder(place, names, system)) };
  }
  return { ...(system !== undefined && { ca: system }), hasOwnAuthority: false };
}

async function readFolder(place: string, names: readonly string[], system: string | undefined): Promise<Trust> {
  for (const name of names) {
    const [, base, suffix] = /^(.*)\.(cert|key)$/.exec(name) ?? [];
    if (suffix === "cert" && !names.includes(`${base}.key`))
      throw fault("unavailable", `missing key ${base}.key for client certificate ${name}. CA certificates must use the extension .crt`);
    if (suffix === "key" && !names.includes(`${base}.cert`))
      throw fault("unavailable", `missing client certificate ${base}.cert for key ${name}`);
  }
  const own = await Promise.all(names.filter((name) => name.endsWith(".crt")).map((name) => readFile(join(place, name), "utf8")));
  const pair = names.find((name) => name.endsWith(".cert"))?.replace(/\.cert$/, "");
  return {
    hasOwnAuthority: own.length > 0,
    ...(own.length > 0 && { ca: [...(system === undefined ? [] : [system]), ...own].join("\n") }),
    ...(pair !== undefined && {
      cert: await readFile(join(place, `${pair}.cert`), "utf8"),
      key: await readFile(join(place, `${pair}.key`), "utf8"),
    }),
  };
}

async function readFirst(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths.filter((candidate) => candidate !== "")) {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined) return text;
  }
  return undefined;
}
