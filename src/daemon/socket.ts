import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { dirname } from "node:path";
import { fault } from "#base";
import { hasCode } from "#linux";

/** Disposing takes the socket out of the file system; connections that stand go on. */
export interface ListeningSocket extends Disposable {
  readonly server: Server;
}

/**
 * A listening unix socket that nobody but root and `group` can reach from its first instant (row E01): it is bound in a
 * folder of mode 0700, given mode 0660 and its group there, and then renamed into place. A socket that a killed daemon left is replaced;
 * one that answers is another daemon's. @throws conflict
 */
export async function listenOnSocket(path: string, group: string): Promise<ListeningSocket> {
  if (await answers(path)) throw fault("conflict", `${path}: another daemon listens there`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  const nursery = `${path}.d`;
  rmSync(nursery, { recursive: true, force: true });
  mkdirSync(nursery, { mode: 0o700 });
  const young = `${nursery}/s`;
  const server = createServer({ allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(young, resolve);
  });
  chmodSync(young, 0o660);
  const gid = findGroup(group);
  if (gid !== undefined) chownSync(young, 0, gid);
  renameSync(young, path);
  rmSync(nursery, { recursive: true, force: true });
  return {
    server,
    [Symbol.dispose](): void {
      server.close();
      rmSync(path, { force: true });
    },
  };
}

function answers(path: string): Promise<boolean> {
  try {
    if (!lstatSync(path).isSocket()) throw fault("conflict", `${path}: exists and is not a socket`);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return Promise.resolve(false);
    throw error;
  }
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
}

/** The id of a group by name or number, or undefined where the machine has no such group. */
function findGroup(group: string): number | undefined {
  if (/^\d+$/.test(group)) return Number(group);
  for (const line of readFileSync("/etc/group", "utf8").split("\n")) {
    const [name, , gid] = line.split(":");
    if (name === group && gid !== undefined) return Number(gid);
  }
  return undefined;
}
