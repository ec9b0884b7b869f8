import { EngineError, fault, isFault, messageOf, now, type UserMapping } from "#base";
import {
  cgroupPathOf,
  checkUserSpace,
  type Container,
  hostnameOf,
  isLive,
  type MonitoredProcess,
  type MountedRootfs,
  type OciConfig,
  planOciConfig,
  portsToPublish,
  type RootfsOptions,
  type StartFailure,
  type UserLookup,
  workingDirOf,
} from "#container";
import type { Sandbox, SandboxRequest } from "#network";
import { announceJoined, joinNetworks } from "../networks/join.ts";
import { announce } from "./announce.ts";
import { type ExitNeeds, releaseSandbox, watchExit } from "./exit.ts";
import { findDevices } from "./find-devices.ts";
import { findInit } from "./find-init.ts";
import { withRequestedDevices } from "./inject-devices.ts";
import { type ContainerNeeds, hasLog, logPathOf, unwritten } from "./needs.ts";
import { ownFilesOf, writeOwnFiles } from "./own-files.ts";
import { removeRecord } from "./remove.ts";
import { mapSources } from "./mapped-sources.ts";
import { closeSpaces, openSpaces, ownerOfFiles, type Spaces } from "./spaces.ts";
import { prepareMounts, type PreparedMounts, releaseVolumes } from "./volumes.ts";

export type StartNeeds = ExitNeeds &
  Pick<ContainerNeeds, "bindSources" | "hostDevices" | "deviceSpecs" | "machine" | "cgroupParent" | "defaults">;

/** Resolves when the workload runs. When it throws, nothing of the attempt is left but the state's error. @throws not-modified, invalid */
export async function startContainer(needs: StartNeeds, reference: string): Promise<void> {
  const { id } = needs.roster.find(reference);
  await needs.roster.locked(id, () => startIntended(needs, id, { type: "start-intended", count: 0 }));
}

/** As `startContainer`, for whoever holds the container's lock. `count`: how often it was started by itself since somebody did. */
export async function startIntended(
  needs: StartNeeds,
  id: string,
  { type, count }: { readonly type: "start-intended" | "restart-intended"; readonly count?: number },
): Promise<void> {
  const intended = needs.roster.changeBehind(id, { type }, unwritten(needs, id));
  if (type === "start-intended") needs.restarts.cancel(id);
  const counted = count === undefined || count === intended.restartCount ? intended : { ...intended, restartCount: count };
  if (counted !== intended) needs.roster.replace(counted);
  try {
    await run(needs, counted);
  } catch (error) {
    await undo(needs, id, error);
    throw error;
  }
}

async function run(needs: StartNeeds, intended: Container): Promise<void> {
  const { id, spec } = intended;
  const { layers } = intended.image;
  const owners = ownersOf(needs, intended);
  const spaces = await openSpaces(needs, intended);
  if (owners !== undefined && spaces.networkOwner?.container.spec.host.usernsMode === "host")
    throw fault("conflict", `cannot join network namespace of container ${spaces.networkOwner.container.name}: it has the host's users`);
  const container = spaces.networkOwner === undefined ? intended : takeName(needs, intended, spaces.networkOwner.container);
  // The runtime makes the container while its interface and ports are still being set up.
  const opened = Promise.withResolvers<Sandbox>();
  const claimed = spaces.networkOwner === undefined ? claimSandbox(needs, { container, owners, opened: opened.resolve }) : undefined;
  const sandbox = claimed && Promise.race([opened.promise, claimed]).then((first) => hold(needs, container, first));
  const tree = { layers, ephemeral: spec.host.autoRemove };
  const mount = mountRoot(needs, container, owners === undefined ? tree : { ...tree, owners });
  const [held, mounted] = await Promise.allSettled([sandbox, mount, needs.live.cleaned(id)]);
  try {
    if (mounted.status === "rejected") throw mounted.reason;
    if (held.status === "rejected") throw held.reason;
    await using mounts = await prepareMounts(needs, container, mounted.value);
    const process = await create(needs, { container, rootfs: mounted.value, sandbox: held.value, mounts, spaces, owners });
    await letRun(needs, { id, process, claimed, rootfs: mounted.value });
  } finally {
    if (mounted.status === "fulfilled") await mounted.value[Symbol.asyncDispose]();
    // Nothing is given back while it is still being made.
    await Promise.allSettled([claimed]);
  }
}

interface Created {
  readonly id: string;
  readonly process: MonitoredProcess;
  readonly claimed: Promise<Sandbox> | undefined;
  readonly rootfs: MountedRootfs;
}

async function letRun(needs: StartNeeds, { id, process, claimed, rootfs }: Created): Promise<void> {
  try {
    await Promise.all([claimed, needs.live.bindAttachments(id, process)]);
    // The container has its own copy of the mount; ours goes while the workload starts.
    await Promise.all([begin(needs, id, process), rootfs[Symbol.asyncDispose]()]);
  } catch (error) {
    await needs.runtime.delete(id);
    await process[Symbol.asyncDispose]();
    throw error;
  }
}

/** Who is who in a container: absent for one with the host's users. @throws invalid where the daemon was told since that this cannot be */
function ownersOf({ defaults }: StartNeeds, { spec }: Container): UserMapping | undefined {
  const { owners } = defaults();
  if (owners === undefined || spec.host.usernsMode === "host") return undefined;
  checkUserSpace(spec.host);
  return owners;
}

async function mountRoot(needs: StartNeeds, container: Container, options: RootfsOptions): Promise<MountedRootfs> {
  if (options.owners === undefined) return needs.rootfs.mount(container.id, options);
  // As the image's owner sees it: in a mapped root nothing could be made for its root by ours.
  const { owners: _mapped, ...plain } = options;
  if (workingDirOf(container.spec, container.image) !== "/") {
    await using unmapped = await needs.rootfs.mount(container.id, plain);
    await makeWorkingDirectory(needs, container, unmapped);
  }
  return needs.rootfs.mount(container.id, options);
}

interface Claim {
  readonly container: Container;
  readonly owners: UserMapping | undefined;
  readonly opened: (sandbox: Sandbox) => void;
}

async function claimSandbox(needs: StartNeeds, { container, owners, opened }: Claim): Promise<Sandbox> {
  const { fabric, roster } = needs;
  const { id, name, spec } = container;
  const { network, endpoints } = spec.host;
  try {
    const attachments = endpoints === undefined && network !== "network" ? undefined : joinNetworks(needs, container);
    const bridged = network === "bridge" || network === "network";
    const mode: SandboxRequest["mode"] = attachments?.length === 0 || network === "container" ? "none" : bridged ? "bridge" : network;
    const nameOf = (holder: string): string | undefined => roster.get(holder)?.name;
    const asked = { containerId: id, containerName: name, mode, ports: portsToPublish(container), nameOf, opened };
    const more = { ...(attachments !== undefined && { attachments }), ...(owners !== undefined && { owners }) };
    const sandbox = await fabric.claim({ ...asked, ...more });
    if (attachments !== undefined) announceJoined(needs, roster.get(id) ?? container, "connect");
    return sandbox;
  } catch (error) {
    // Docker answers 500 for whatever goes wrong here, a port that is taken among it; scripts look for the words.
    const kind = isFault(error, "conflict") ? "internal" : error instanceof EngineError ? error.fault : "internal";
    throw fault(kind, `failed to set up container networking: ${messageOf(error)}`, { cause: error });
  }
}

/** A crash before the rows are written leaves a sandbox that no row names; the next start's reconciliation takes it away. */
function hold(needs: StartNeeds, container: Container, sandbox: Sandbox): Sandbox {
  needs.roster.replace({ ...(needs.roster.get(container.id) ?? container), sandboxId: sandbox.endpoint.sandboxId });
  needs.live.behind(needs.sandboxes.add(container.id, sandbox.endpoint), unwritten(needs, container.id));
  return sandbox;
}

interface Parts {
  readonly container: Container;
  readonly rootfs: MountedRootfs;
  /** Absent in another container's network. */
  readonly sandbox: Sandbox | undefined;
  readonly mounts: PreparedMounts;
  readonly spaces: Spaces;
  readonly owners: UserMapping | undefined;
}

function create(needs: StartNeeds, parts: Parts): Promise<MonitoredProcess> {
  const { container, rootfs, sandbox, owners } = parts;
  const { id, spec } = container;
  return needs.runtime.create({
    id,
    config: plan(needs, parts),
    rootfs: rootfs.path,
    folder: needs.rootfs.folder(id),
    ...(hasLog(container) && { logPath: logPathOf(needs, id) }),
    ...(spec.host.runtime !== undefined && { runtime: spec.host.runtime }),
    tty: spec.tty,
    openStdin: spec.openStdin,
    stdinOnce: spec.stdinOnce,
    isRemapped: owners !== undefined,
    keep: sandbox?.namespaceFd === undefined ? [] : [sandbox.namespaceFd, ...(sandbox.listeners ?? [])],
  });
}

async function plan(needs: StartNeeds, parts: Parts): Promise<OciConfig> {
  const { container, rootfs, sandbox, mounts, spaces, owners } = parts;
  const { id, spec, image } = container;
  const [user, files, , fileSources, devices] = await Promise.all([
    needs.rootfs.lookupUser({ path: rootfs.path }, spec.user || image.config.user, spec.host.groupAdd ?? []),
    sandbox === undefined ? ownFilesOf(needs, ownerOfFiles(needs, container).id) : writeOwnFiles(needs, container, sandbox),
    owners === undefined ? makeWorkingDirectory(needs, container, rootfs) : undefined,
    prepareBinds(needs, container),
    findDevices(needs, spec.host),
  ]);
  const initPath = await findInit(needs, spec.host);
  const { seccompProfile } = needs.defaults();
  const { joined, sharedMemory, networkOwner } = spaces;
  const shown = await mapSources(rootfs, { files, mounts, sharedMemory });
  const namespacePath = sandbox?.namespaceFd === undefined ? networkOwner?.namespacePath : `/proc/${process.pid}/fd/${sandbox.namespaceFd}`;
  const planned = planOciConfig({
    container,
    user,
    files: shown.files,
    joined,
    ...(owners !== undefined && { users: { owners, path: usersPathOf(sandbox, networkOwner) } }),
    ...(initPath !== undefined && { initPath }),
    mounts: { ...shown.mounts, fileSources: new Set([...fileSources, ...shown.mounts.fileSources]) },
    devices,
    machine: needs.machine,
    ...(seccompProfile !== undefined && { seccompProfile }),
    cgroupsPath: cgroupPathOf(id, spec.host, needs.cgroupParent),
    ...(namespacePath !== undefined && { networkNamespacePath: namespacePath }),
  });
  return spec.host.deviceRequests === undefined ? planned : await withRequestedDevices(needs, spec.host, planned);
}

/** The user namespace that the network belongs to: the kernel lets nobody else have the rest of it. */
function usersPathOf(sandbox: Sandbox | undefined, networkOwner: Spaces["networkOwner"]): string {
  return sandbox?.userNamespaceFd === undefined ? (networkOwner?.usersPath ?? "") : `/proc/${process.pid}/fd/${sandbox.userNamespaceFd}`;
}

/** In another container's network a container has that one's name; the row follows with the next change. */
function takeName(needs: StartNeeds, container: Container, owner: Container): Container {
  const spec = { ...container.spec, hostname: hostnameOf(owner, needs.machine), domainname: owner.spec.domainname };
  const renamed = { ...(needs.roster.get(container.id) ?? container), spec };
  needs.roster.replace(renamed);
  return renamed;
}

/** Makes the folders that are asked for and missing; tells which sources are files. */
async function prepareBinds({ bindSources }: StartNeeds, { spec }: Container): Promise<ReadonlySet<string>> {
  const files = new Set<string>();
  await Promise.all(
    spec.host.binds.map(async ({ source, createSource, readOnly }) => {
      if (!createSource && !readOnly) return;
      const kind = await bindSources.look(source);
      if (kind === "file") files.add(source);
      if (kind === undefined && createSource) await bindSources.make(source);
    }),
  );
  return files;
}

const root: UserLookup = { uid: 0, gid: 0, additionalGids: [], home: "/root" };

async function makeWorkingDirectory(needs: StartNeeds, container: Container, rootfs: MountedRootfs): Promise<void> {
  const path = workingDirOf(container.spec, container.image);
  if (path !== "/") await needs.rootfs.makeDirectory({ path: rootfs.path }, path, root);
}

async function begin(needs: StartNeeds, id: string, process: MonitoredProcess): Promise<void> {
  await needs.runtime.start(id);
  const container = await needs.roster.change(id, { type: "started", pid: process.pid, monitorPid: process.monitorPid, at: now() });
  announce(needs.announcer, container, "start");
  watchExit(needs, id, process);
  // Whoever attached while the start was under way.
  await needs.live.bindAttachments(id, process);
}

/** Rolls a failed start back, step by step; each step is idempotent. */
async function undo(needs: StartNeeds, id: string, error: unknown): Promise<void> {
  const container = needs.roster.get(id);
  if (container === undefined || !isLive(container.state)) return;
  await needs.runtime.delete(id);
  await releaseSandbox(needs, container);
  await closeSpaces(needs, container);
  if (container.spec.host.volumes !== undefined) await releaseVolumes(needs, container);
  const code = startFailureOf(error)?.code ?? 128;
  const failed = await needs.roster.change(id, { type: "start-failed", message: messageOf(error), code, at: now() });
  needs.live.startFailed(id, code);
  announce(needs.announcer, failed, "die", { exitCode: String(code), execDuration: "0" });
  if (failed.spec.host.autoRemove) await removeRecord(needs, failed);
}

function startFailureOf(error: unknown): StartFailure | undefined {
  const cause = error instanceof EngineError ? error.cause : undefined;
  return typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "number"
    ? (cause as StartFailure)
    : undefined;
}
