import type { Socket } from "node:net";
import type { DockerServer } from "#api";
import type { Caller } from "#engine";
import { peerCredentials } from "#linux";
import { listenOnSocket } from "./socket.ts";

interface ListenerOptions {
  readonly hosts: readonly string[];
  readonly group: string;
}

/** Opens every door that the options name, and serves who comes in. What is held keeps them open. */
export async function openListeners(options: ListenerOptions, server: DockerServer, held: AsyncDisposableStack): Promise<void> {
  for (const host of options.hosts) {
    const listening = held.use(await listenOnSocket(host.slice("unix://".length), options.group));
    listening.server.on("connection", (socket) => admit(socket, server));
  }
}

function admit(socket: Socket, server: DockerServer): void {
  const caller = peerOf(socket);
  if (caller === undefined) socket.destroy();
  else server.accept(socket, caller);
}

/** Undefined for a connection that is gone already. Bun keeps the descriptor where Node does; its types do not say so. */
function peerOf(socket: Socket): Caller | undefined {
  const { fd } = (socket as unknown as { readonly _handle?: { readonly fd?: number } })._handle ?? {};
  return fd === undefined || fd < 0 ? undefined : { kind: "peer", ...peerCredentials(fd) };
}
