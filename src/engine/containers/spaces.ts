// Namespaces that a container shares with others: found, and looked at, when it starts.
import { fault, isFault } from "#base";
import { type Container, isUp, type JoinedNamespaces, otherContainerOf, usualShmSize } from "#container";
import type { ContainerNeeds } from "./needs.ts";

type SpaceNeeds = Pick<ContainerNeeds, "roster" | "rootfs">;

/** What a container has of others. */
export interface Spaces {
  readonly joined: JoinedNamespaces;
  /** Seen as /dev/shm in place of memory of its own. */
  readonly sharedMemory?: string;
  /** Whose network it is in, with names and addresses. */
  readonly networkOwner?: NetworkOwner;
}

interface NetworkOwner {
  readonly namespacePath: string;
  /** Of the user namespace that its process is in. */
  readonly usersPath: string;
  readonly container: Container;
}

/** Names of other containers become ids, as far as there are such containers. @throws not-found for one that must be there at the create */
export function resolveOthers({ roster }: Pick<SpaceNeeds, "roster">, spec: Container["spec"]): Container["spec"] {
  const { host } = spec;
  const { pidMode, ipcMode, networkName } = host;
  const [pid, ipc, network] = [pidMode, ipcMode, networkName].map(otherContainerOf);
  if (pid === undefined && ipc === undefined && network === undefined) return spec;
  const idOf = (reference: string): `container:${string}` => `container:${roster.find(reference).id}`;
  const found = network === undefined ? undefined : unlessAbsent(() => idOf(network));
  return {
    ...spec,
    host: {
      ...host,
      ...(pid !== undefined && { pidMode: idOf(pid) }),
      ...(ipc !== undefined && { ipcMode: idOf(ipc) }),
      // A network is looked for when the container starts.
      ...(found !== undefined && { networkName: found }),
    },
  };
}

/** Finds what the container shares and makes what it offers. @throws conflict, not-found with Docker's words */
export async function openSpaces(needs: SpaceNeeds, container: Container): Promise<Spaces> {
  const { ipcMode, pidMode, shmSize = usualShmSize } = container.spec.host;
  const networkOwner = findNetworkOwner(needs, container);
  const ipc = otherContainerOf(ipcMode);
  const pid = otherContainerOf(pidMode);
  const ipcPid = ipc === undefined ? undefined : joining("IPC", () => pidOf(needs, ipc));
  const sharedMemory = ipcMode === "shareable" ? await needs.rootfs.openSharedMemory(container.id, shmSize) : memoryOf(needs, container);
  return {
    joined: {
      ...(ipcPid !== undefined && { ipc: `/proc/${ipcPid}/ns/ipc` }),
      ...(pid !== undefined && { pid: `/proc/${joining("PID", () => pidOf(needs, pid))}/ns/pid` }),
    },
    ...(sharedMemory !== undefined && { sharedMemory }),
    ...(networkOwner !== undefined && { networkOwner }),
  };
}

/** Takes away what the container offered to others: who shares it keeps it. Idempotent. */
export async function closeSpaces({ rootfs }: Pick<SpaceNeeds, "rootfs">, { id, spec }: Container): Promise<void> {
  if (spec.host.ipcMode === "shareable") await rootfs.closeSharedMemory(id);
}

/** The container whose hosts, hostname and resolv.conf this one sees: its own, or that of the container whose network it is in. */
export function ownerOfFiles({ roster }: Pick<SpaceNeeds, "roster">, container: Container): Container {
  let owner = container;
  for (const seen = new Set<string>(); !seen.has(owner.id);) {
    seen.add(owner.id);
    owner = roster.get(otherContainerOf(owner.spec.host.networkName) ?? "") ?? owner;
  }
  return owner;
}

function findNetworkOwner(needs: SpaceNeeds, container: Container): NetworkOwner | undefined {
  const reference = otherContainerOf(container.spec.host.networkName);
  if (reference === undefined) return undefined;
  const other = withPrefix("joining network namespace of container: ", () => needs.roster.find(reference));
  if (other.id === container.id) throw fault("invalid", "cannot join own network namespace");
  if (!isUp(other.state))
    throw fault("conflict", `cannot join network namespace of a non running container: container ${other.name} is ${other.state.status}`);
  const namespaces = `/proc/${other.state.pid}/ns`;
  return { namespacePath: `${namespaces}/net`, usersPath: `${namespaces}/user`, container: other };
}

function pidOf({ roster }: SpaceNeeds, reference: string): number {
  const { id, state } = roster.find(reference);
  if (!isUp(state)) throw fault("conflict", `container ${id} is not running`);
  return state.pid;
}

/** Where the memory lies that a container shares; nowhere for one that keeps its own. @throws invalid in Docker's words */
function memoryOf({ roster, rootfs }: SpaceNeeds, container: Container): string | undefined {
  let owner = container;
  for (let other = otherContainerOf(owner.spec.host.ipcMode); other !== undefined; other = otherContainerOf(owner.spec.host.ipcMode)) {
    const reference = other;
    owner = joining("IPC", () => roster.find(reference));
    if (owner.id === container.id) throw fault("invalid", `failed to join IPC namespace: container ${owner.id} is its own`);
  }
  const { ipcMode } = owner.spec.host;
  if (ipcMode === "host") return "/dev/shm";
  if (owner === container) return undefined;
  if (ipcMode !== "shareable")
    throw fault(
      "invalid",
      `failed to join IPC namespace: container ${owner.id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
    );
  return `${rootfs.folder(owner.id)}/shm`;
}

function joining<Result>(what: "IPC" | "PID", find: () => Result): Result {
  return withPrefix(`failed to join ${what} namespace: `, find);
}

function withPrefix<Result>(prefix: string, find: () => Result): Result {
  try {
    return find();
  } catch (error) {
    for (const kind of ["not-found", "conflict", "invalid"] as const)
      if (isFault(error, kind)) throw fault(kind, `${prefix}${error.message}`, { cause: error });
    throw error;
  }
}

function unlessAbsent<Result>(find: () => Result): Result | undefined {
  try {
    return find();
  } catch (error) {
    if (isFault(error, "not-found")) return undefined;
    throw error;
  }
}
