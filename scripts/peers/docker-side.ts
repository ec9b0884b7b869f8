// A real Docker as a side of the matrix, with the client of its own version.
import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Side } from "../../test/matrix/side.ts";
import { stockClient } from "../../test/support/tools.ts";
import { peerCache } from "./forky.ts";

export interface DockerSide extends Side, AsyncDisposable {
  /** "28.5.2+dfsg4" */
  readonly engine: string;
}

/** Disposing removes its containers and what the matrix made beside them. */
export async function dockerSide(place: Pick<Side, "socket" | "pidFile" | "work">): Promise<DockerSide> {
  const { Version: engine } = (await (await fetch("http://localhost/version", { unix: place.socket })).json()) as {
    readonly Version: string;
  };
  const own = join(peerCache, "forky/usr/bin/docker");
  const token = `gtm${crypto.getRandomValues(new Uint8Array(3)).toHex()}`;
  return {
    ...place,
    engine,
    token,
    client: existsSync(own) ? own : stockClient(),
    async [Symbol.asyncDispose](): Promise<void> {
      const list = (await (await fetch("http://localhost/containers/json?all=1", { unix: place.socket })).json()) as {
        readonly Id: string;
      }[];
      for (const { Id } of list) await fetch(`http://localhost/containers/${Id}?force=1&v=1`, { unix: place.socket, method: "DELETE" });
      rmSync(place.work, { recursive: true, force: true });
      // Docker leaves the parents that it made.
      for (const hierarchy of readdirSync("/sys/fs/cgroup")) {
        const parent = join("/sys/fs/cgroup", hierarchy, token);
        if (existsSync(parent)) rmdirSync(parent);
      }
    },
  };
}
