import type { StoreReport } from "./images/check/flaw.ts";
import type { Digest, Instant } from "#base";
import type {
  Attachment,
  Container,
  ContainerSpec,
  EndpointSpec,
  FileChange,
  PathArchive,
  PathStatus,
  Resources,
  RestartPolicy,
  TerminalSize,
  Usage,
} from "#container";
import type { EngineEvent } from "#event";
import type { Credentials, ImageRuntimeConfig, Platform, Reference } from "#image";
import type { LogEntry, LogQuery } from "#log";
import type { Attachment as NetworkAttachment, BridgeFacts, Endpoint, InterfaceCounters, Network } from "#network";
import type { Member } from "./networks/members.ts";
import type { ImageVerbs, ImageView } from "./images/verbs.ts";
import type { LostRow } from "./system/lost-rows.ts";
import type { VolumeUsage, VolumeVerbs } from "./volumes/verbs.ts";

/** A container in one network, or that shall be in it when it starts. */
export interface NetworkPlace {
  readonly spec: EndpointSpec;
  readonly networkId: string;
  readonly attachment?: NetworkAttachment;
  /** What it is called there. */
  readonly names: readonly string[];
}

/** A container as a list shows it. */
export interface ListedContainer {
  readonly container: Container;
  readonly endpoint?: Endpoint | undefined;
  /** The network that it is or was in; absent before its first start. */
  readonly networkId?: string | undefined;
  /** Where it asked for more than the mode of its network says. */
  readonly places?: readonly NetworkPlace[];
  /** Folder of all volumes; nobody's without volumes. */
  readonly volumeRoot?: string;
}

/** A container with what belongs to it elsewhere: everything that a reply about it may need. */
export interface ContainerView extends ListedContainer {
  readonly bridge?: BridgeFacts;
  readonly logPath: string;
  /** Folder with hostname, hosts and resolv.conf. */
  readonly folder: string;
  /** The same of the container whose network this one is in. */
  readonly fileFolder?: string;
  readonly execIds: readonly string[];
  readonly layerDriver: string;
}

/** What a prune leaves alone: what is younger, what lacks one of these labels, what has all of those. */
export interface PruneFilters {
  readonly until?: Instant;
  readonly labels?: readonly string[];
  readonly withoutLabels?: readonly string[];
}

export interface ContainerPruneResult {
  readonly deleted: readonly string[];
  /** Bytes. */
  readonly reclaimed: number;
}

export interface ListQuery {
  readonly all: boolean;
  readonly limit?: number;
  readonly filters: ContainerFilters;
}

/** Ports from the first to the last, both meant. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
  readonly protocol: string;
}

/** Values of one key are alternatives, keys are conditions; labels, `before` and `since` are conditions each. */
export interface ContainerFilters {
  readonly id?: readonly string[];
  readonly name?: readonly string[];
  readonly label?: readonly string[];
  readonly status?: readonly string[];
  /** Exit codes. */
  readonly exited?: readonly number[];
  readonly health?: readonly string[];
  readonly isTask?: boolean;
  /** Containers, by whatever names them. */
  readonly before?: readonly string[];
  readonly since?: readonly string[];
  /** Images, by whatever names them: what was made from them and from images built on them. */
  readonly ancestor?: readonly string[];
  readonly network?: readonly string[];
  /** Sources and targets of mounts. */
  readonly volume?: readonly string[];
  /** Ports of the host and of the container, of containers that run. */
  readonly publish?: readonly PortRange[];
  readonly expose?: readonly PortRange[];
}

/** Bytes on disk: what a container wrote, and that with the layers below it. */
export interface ContainerSize {
  readonly written: number;
  readonly total: number;
}

export type WaitCondition = "not-running" | "next-exit" | "removed";

export interface WaitResult {
  readonly code: number;
  readonly error?: string;
}

export interface AttachedContainer {
  readonly tty: boolean;
  readonly attachment: Attachment;
  /** The client has left by the keys that say so, which is announced. */
  readonly detached: () => void;
}

/** A tar on its way into a container, and how it is taken. */
export interface Extraction {
  /** Plain or compressed. */
  readonly archive: AsyncIterable<Uint8Array>;
  /** A directory does not give way to what is none, nor the other way round. */
  readonly keepKinds: boolean;
  /** Everything becomes the user's that the container runs as. */
  readonly asUser: boolean;
}

export interface ProcessTable {
  readonly titles: readonly string[];
  /** One list of fields a process, each as long as `titles`. */
  readonly processes: readonly (readonly string[])[];
}

/** What a container uses, with what went through its interfaces where it has any of its own. */
export interface Reading {
  readonly usage: Usage;
  readonly networks?: readonly InterfaceCounters[];
}

export interface ExecSpec {
  readonly command: readonly string[];
  readonly env: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly tty: boolean;
  readonly attachStdin: boolean;
  readonly attachStdout: boolean;
  readonly attachStderr: boolean;
  readonly privileged: boolean;
  readonly detachKeys: string;
  readonly size?: TerminalSize;
}

/** An exec as inspect tells of it. */
export interface ExecView {
  readonly id: string;
  readonly containerId: string;
  readonly spec: ExecSpec;
  readonly running: boolean;
  readonly code?: number;
  readonly pid: number;
}

/** What becomes of an image that is made of a container. */
export interface CommitRequest {
  /** With a tag. */
  readonly name?: Reference;
  readonly author: string;
  readonly comment: string;
  /** Lines of a Dockerfile. */
  readonly changes: readonly string[];
  /** Goes before the container's own; absent: the container's. */
  readonly config?: ImageRuntimeConfig;
  /** Whether a running container stands still meanwhile. */
  readonly pause: boolean;
  readonly signal: AbortSignal;
}

/** Verbs take a container by id, unique id prefix or name. @throws not-found "No such container: x", invalid when a prefix is ambiguous */
export interface ContainerVerbs {
  create(request: {
    readonly name?: string;
    readonly spec: ContainerSpec;
    readonly platform?: Platform;
  }): Promise<{ readonly id: string; readonly warnings: readonly string[] }>;
  /** Synchronous: served from memory. */
  get(reference: string): ContainerView;
  /** Newest first. Synchronous: served from memory. */
  list(query: ListQuery): readonly ListedContainer[];
  /** Measures on disk what each of these has written; in the order of the ids, undefined for one that cannot be measured. */
  sizes(ids: readonly string[]): Promise<readonly (ContainerSize | undefined)[]>;
  /** Resolves when the workload runs. @throws not-modified when it already does */
  start(reference: string): Promise<void>;
  /** @throws not-modified when it does not run */
  stop(reference: string, options: { readonly signal?: string; readonly timeout?: number }): Promise<void>;
  restart(reference: string, options: { readonly signal?: string; readonly timeout?: number }): Promise<void>;
  kill(reference: string, signal: string): Promise<void>;
  /** Resolves when every process stands still. @throws conflict when it does not run or is paused */
  pause(reference: string): Promise<void>;
  /** @throws internal "Container x is not paused" */
  unpause(reference: string): Promise<void>;
  /** Its processes as the host's ps(1) tells of them. @throws conflict when it does not run, internal with the words of ps */
  top(reference: string, psArguments: string): Promise<ProcessTable>;
  /** What it uses now; undefined while it does not run. */
  usage(reference: string): Promise<Reading | undefined>;
  /** The same, at once and then every second until the signal aborts or the container is removed; a slow reader gets the latest. */
  readings(reference: string, signal: AbortSignal): AsyncIterable<Reading | undefined>;
  /** Returns at once when the wait stands; `result` resolves with the condition. */
  wait(reference: string, condition: WaitCondition, signal: AbortSignal): { readonly result: Promise<WaitResult> };
  rename(reference: string, name: string): Promise<void>;
  /** Gives it other limits, at once and for every start to come; resolves with what the kernel cannot do. @throws invalid, conflict */
  update(reference: string, change: Resources, restart?: RestartPolicy): Promise<readonly string[]>;
  /** With `volumes` those that nobody named go too. */
  remove(reference: string, options: { readonly force: boolean; readonly volumes: boolean }): Promise<void>;
  /** Removes what does not run. @throws conflict while another prune runs */
  prune(filters: PruneFilters): Promise<ContainerPruneResult>;
  logs(
    reference: string,
    query: LogQuery,
    signal: AbortSignal,
  ): { readonly tty: boolean; readonly batches: AsyncIterable<Iterable<LogEntry>> };
  /** An image of what the container wrote over its own. */
  commit(reference: string, request: CommitRequest): Promise<Digest>;
  /** Works before start too: output begins with the process. */
  attach(reference: string): Promise<AttachedContainer>;
  resize(reference: string, size: TerminalSize): Promise<void>;
  /** @throws not-found "Could not find the file p in container x" */
  lookAt(reference: string, path: string): Promise<PathStatus>;
  /** What is at the path as a tar; whoever gets it reads it, or returns it. @throws as `lookAt` */
  read(reference: string, path: string): Promise<PathArchive>;
  /** Writes what a tar holds into the directory at the path. @throws as `lookAt`; invalid for what is no directory, or read-only */
  write(reference: string, target: { readonly path: string; readonly extraction: Extraction }): Promise<void>;
  /** The whole tree as a tar, without what is mounted into it. */
  export(reference: string): AsyncIterable<Uint8Array>;
  /** What differs from the image, by path. */
  changes(reference: string): Promise<readonly FileChange[]>;
}

export interface ExecVerbs {
  create(container: string, spec: ExecSpec): Promise<string>;
  /** With `detach` nothing is attached. @throws conflict when it ran already */
  start(
    id: string,
    options: { readonly detach: boolean; readonly size?: TerminalSize },
  ): Promise<{ readonly tty: boolean; readonly attachment?: Attachment; readonly detached: () => void }>;
  get(id: string): ExecView;
  resize(id: string, size: TerminalSize): Promise<void>;
}

/** Which events are asked for besides those to come. With an end that is past, no others are. */
export interface EventSpan {
  readonly since?: Instant;
  readonly until?: Instant;
}

export interface EngineInfo {
  readonly id: string;
  readonly name: string;
  readonly root: string;
  readonly kernelVersion: string;
  readonly operatingSystem: string;
  readonly osVersion: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memory: number;
  readonly containers: { readonly total: number; readonly running: number; readonly paused: number; readonly stopped: number };
  readonly images: number;
  readonly layerDriver: string;
  /** What more there is to say of it, as pairs. */
  readonly layerDriverStatus: readonly (readonly [string, string])[];
  readonly cgroup: {
    readonly version: "1" | "2";
    readonly driver: string;
    readonly memoryLimit: boolean;
    readonly swapLimit: boolean;
    readonly pidsLimit: boolean;
  };
  readonly securityOptions: readonly string[];
  readonly runtimes: Readonly<
    Record<string, { readonly path: string; readonly version: string; readonly runtimeArgs?: readonly string[] }>
  >;
  readonly defaultRuntime: string;
  readonly debug: boolean;
  readonly experimental: boolean;
  /** "key=value", as the operator named the machine. */
  readonly labels: readonly string[];
  readonly loggingDriver: string;
  /** Folders of descriptions of devices. */
  readonly cdiSpecDirs: readonly string[];
  readonly insecureRegistries: readonly string[];
  readonly mirrors: readonly string[];
  readonly proxies: { readonly http: string; readonly https: string; readonly no: string };
  readonly warnings: readonly string[];
  readonly fileDescriptors: number;
  readonly goroutines: number;
  readonly eventListeners: number;
  readonly startedAt: Instant;
}

/** Which kinds of things are to be counted. */
export interface DiskUsageQuery {
  readonly images: boolean;
  readonly containers: boolean;
  readonly volumes: boolean;
}

export interface ImageUsage {
  readonly view: ImageView;
  /** Bytes of layers that another image has too. */
  readonly sharedSize: number;
}

/** What was asked for is there. */
export interface DiskUsage {
  /** Bytes that all images take together. */
  readonly layersSize: number;
  readonly images?: readonly ImageUsage[];
  readonly volumes?: readonly VolumeUsage[];
  readonly containers?: readonly { readonly listed: ListedContainer; readonly size: ContainerSize | undefined }[];
}

/** What reading all that the engine keeps has shown. */
export interface CheckReport extends StoreReport {
  /** What the state database says is wrong with itself. */
  readonly database: readonly string[];
  /** What it could not give back; with `heal` that is forgotten now. */
  readonly lost: readonly LostRow[];
}

export interface SystemVerbs {
  info(): EngineInfo;
  /** Reads every blob, layer and row; with `heal` it mends what it can. @throws conflict while another check runs */
  check(options: { readonly heal: boolean; readonly signal: AbortSignal }): Promise<CheckReport>;
  /** Whether a registry takes these credentials; nothing of them is kept. */
  login(credentials: Credentials, signal: AbortSignal): Promise<{ readonly identityToken: string }>;
  diskUsage(query: DiskUsageQuery): Promise<DiskUsage>;
  /** Live from the call on, in order, until the signal aborts; a listener that lags behind is ended with an error, never skipped. */
  events(span: EventSpan, signal: AbortSignal): AsyncIterable<readonly EngineEvent[]>;
}

/** A network with who is in it. */
export interface NetworkView {
  readonly network: Network;
  /** Of the default bridge only. */
  readonly bridge?: BridgeFacts;
  readonly containers: readonly Member[];
}

/** A network that is asked for. */
export interface NetworkRequest extends Omit<Network, "id" | "created" | "driver"> {
  readonly driver: "bridge" | "host" | "null";
}

/** Values of one key are alternatives, keys are conditions; `id` and `name` are expressions. */
export interface NetworkFilters {
  readonly dangling?: boolean;
  readonly driver?: readonly string[];
  readonly id?: readonly string[];
  readonly label?: readonly string[];
  readonly name?: readonly string[];
  readonly scope?: readonly string[];
  readonly type?: readonly string[];
}

export interface NetworkVerbs {
  list(filters: NetworkFilters): readonly NetworkView[];
  /** By name, id or id prefix. @throws not-found "network x not found", invalid when a prefix is ambiguous */
  get(reference: string): NetworkView;
  /** Its id. @throws invalid, denied, conflict in Docker's words */
  create(request: NetworkRequest): Promise<string>;
  /** @throws denied while a container is in it */
  remove(reference: string): Promise<void>;
  /** Puts a container into a network, at once where it runs. @throws denied, not-found in Docker's words */
  connect(reference: string, container: string, endpoint: Omit<EndpointSpec, "network" | "networkId">): Promise<void>;
  disconnect(reference: string, container: string, options: { readonly force: boolean }): Promise<void>;
  /** Removes what nobody is in, and tells the names. @throws conflict while another prune runs */
  prune(filters: PruneFilters): Promise<readonly string[]>;
}

/** Everything the engine can do, bound to this machine. A server asks for the groups that its routes need. */
export interface Verbs {
  readonly containers: ContainerVerbs;
  readonly exec: ExecVerbs;
  readonly images: ImageVerbs;
  readonly networks: NetworkVerbs;
  readonly volumes: VolumeVerbs;
  readonly system: SystemVerbs;
}
