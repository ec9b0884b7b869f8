import { createServer, type Socket } from "node:net";
import type { DockerServer } from "#api";
import { fault, messageOf, type Logger } from "#base";
import type { Caller } from "#engine";
import { descriptorLimit, isUnixListener, peerCredentials } from "#linux";
import { Admission } from "./admission.ts";
import type { Door } from "./doors.ts";
import { listenOnSocket } from "./socket.ts";
import { listenOnTcp } from "./tcp.ts";

interface Parts {
  readonly server: DockerServer;
  readonly logger: Logger;
  readonly group: string;
  readonly bridge: string;
  /** Names by which the API is called over any door. */
  readonly names: readonly string[];
  /** What it holds keeps the doors open. */
  readonly held: AsyncDisposableStack;
}

/** Opens every door and serves who comes in; gives them as they are now. */
export async function openDoors(doors: readonly Door[], parts: Parts): Promise<readonly string[]> {
  const hosts: string[] = [];
  const admission = new Admission(descriptorLimit());
  for (const door of doors) hosts.push(await openDoor(door, { ...parts, admission }));
  return hosts;
}

type Opening = Parts & { readonly admission: Admission };

async function openDoor(door: Door, parts: Opening): Promise<string> {
  const { group, held } = parts;
  switch (door.kind) {
    case "unix": {
      const listening = held.use(await listenOnSocket(door.path, group));
      listening.server.on("connection", (socket) => admit(socket, parts));
      parts.admission.watch(listening.server);
      return door.host;
    }
    case "inherited":
      held.use(await listenOnInherited(door, parts));
      return `fd://${door.name}`;
    case "tcp":
      return held.use(await listenOnTcp(door, parts)).host;
    default:
      return door satisfies never;
  }
}

/** The socket stays with the supervisor: who connects while no daemon runs is served by the next one. */
async function listenOnInherited(door: Extract<Door, { kind: "inherited" }>, parts: Opening): Promise<Disposable> {
  const { fd, host } = door;
  // An HTTP server of Bun's would ignore the descriptor and listen on a TCP port of its own choice, for everybody.
  if (!isUnixListener(fd))
    throw fault("invalid", `host ${host}: descriptor ${fd} is no listening unix socket; TCP is named as tcp://ADDRESS:PORT`);
  const listener = createServer({ allowHalfOpen: true }, (socket) => admit(socket, parts));
  await new Promise<void>((settle, reject) => {
    listener.once("error", (error) => reject(fault("unavailable", `host ${host}: ${messageOf(error)}`, { cause: error })));
    listener.listen({ fd }, settle);
  });
  parts.admission.watch(listener);
  return {
    [Symbol.dispose](): void {
      listener.close();
    },
  };
}

function admit(socket: Socket, { server, names }: Parts): void {
  const caller = peerOf(socket);
  if (caller === undefined) socket.destroy();
  else server.accept(socket, caller, names);
}

/** Undefined for a connection that is gone already. Bun keeps the descriptor where Node does; its types do not say so. */
function peerOf(socket: Socket): Caller | undefined {
  const { fd } = (socket as unknown as { readonly _handle?: { readonly fd?: number } })._handle ?? {};
  return fd === undefined || fd < 0 ? undefined : { kind: "peer", ...peerCredentials(fd) };
}
