import type { HealthCheck } from "#image";
import type { DeviceRequest } from "./device-request.ts";
import type { HeldImage } from "./container.ts";
import type { EndpointSpec } from "./endpoint-specs.ts";
import type { Resources } from "./resources.ts";
import type { RestartPolicy } from "./restart.ts";

/** One published port. */
export interface PortBinding {
  readonly containerPort: number;
  readonly protocol: "tcp" | "udp" | "sctp";
  /** "" and "0.0.0.0" mean every IPv4 address. */
  readonly hostIp: string;
  /** 0 is chosen anew at each start, among those that are free. */
  readonly hostPort: number;
  /** Where one of several is asked for: the last of them, and `hostPort` the first. Chosen at each start. */
  readonly hostPortEnd?: number;
  /** How a port that is to be chosen was written ("", "0", "8000-8010"), told back by inspect. */
  readonly hostPortText?: string;
}

/** A host path seen in the container, as `-v /host:/inside:ro` says it. */
export interface BindMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly propagation: "private" | "rprivate" | "shared" | "rshared" | "slave" | "rslave";
  /** False (`--mount`): a source that is not there is an error; true (`-v`): it is made as a directory. */
  readonly createSource: boolean;
  /** What is mounted below the source is not seen. */
  readonly nonRecursive?: boolean;
  /** A bind that is read-only leaves what is mounted below it writable. */
  readonly writableBelow?: boolean;
  /** A user of the host whose files seem to be those of the container's user, who writes as that one. */
  readonly owner?: BindOwner;
}

/** A user of the host, by numbers. */
export interface BindOwner {
  readonly uid: number;
  readonly gid: number;
}

/** The tree of an image, or a folder or file in it, seen in the container; never writable. */
export interface ImageMount {
  /** As the caller wrote it. */
  readonly source: string;
  readonly target: string;
  readonly subpath?: string;
  /** What that meant at the create; a request does not know it yet. */
  readonly image?: HeldImage;
}

/** A volume seen in the container. */
export interface VolumeMount {
  /** "" in a request asks for a volume of the container's own, which the create names. */
  readonly name: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** An empty volume is filled with what the image has there. */
  readonly copyUp: boolean;
  /** A folder or file within the volume. */
  readonly subpath?: string;
  /** As inspect tells it: the caller's word, or the way that it was asked for. */
  readonly mode: string;
  /** Nobody named it, so it goes with the container if that is asked for. */
  readonly isAnonymous: boolean;
  /** It must be a folder of the image, if the image has anything there. */
  readonly isDeclared?: boolean;
  /** For a volume that is to be made. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly options?: Readonly<Record<string, string>>;
}

/** Memory seen as a folder, as `--mount type=tmpfs` says it. */
export interface TmpfsMount {
  readonly target: string;
  /** "size=64m,mode=1777" */
  readonly options: string;
}

/** A device of the host, or all below a folder, as the container sees them. */
export interface DeviceMapping {
  readonly source: string;
  readonly target: string;
  /** Of r, w and m. */
  readonly access: string;
}

export interface Ulimit {
  readonly name: string;
  readonly soft: number;
  readonly hard: number;
}

/** Where a container's output is kept, with the options as the caller wrote them. */
export interface LogSpec {
  /** "" is the daemon's default, in a request only. */
  readonly driver: "" | "json-file" | "local" | "none";
  readonly options: Readonly<Record<string, string>>;
}

/** `network`: one that somebody made; `container`: that of another container. The network's name tells which ("container:ID"). */
export type NetworkMode = "bridge" | "host" | "none" | "network" | "container";

/** "container:X", another container's. */
export type OtherContainer = `container:${string}`;
export type IpcMode = "none" | "private" | "shareable" | "host" | OtherContainer;
export type PidMode = "host" | OtherContainer;

/** What is said of names in place of the host's settings; an absent list leaves the daemon's. */
export interface NameLookup {
  readonly servers?: readonly string[];
  readonly search?: readonly string[];
  readonly options?: readonly string[];
  /** "name:address" for /etc/hosts; the address "host-gateway" is the host's. */
  readonly extraHosts?: readonly string[];
}

/** What was asked of the host: Docker's HostConfig, as far as the engine carries it out. */
export interface HostSpec {
  readonly network: NetworkMode;
  /** The caller's own word for it ("default", "bridge"), told back by inspect. */
  readonly networkName: string;
  /** Absent where nobody asked for more than the mode says. */
  readonly endpoints?: readonly EndpointSpec[];
  readonly ports: readonly PortBinding[];
  /** Exposed ports that `ports` does not name are published too; absent in rows of earlier daemons. */
  readonly publishAll?: boolean;
  readonly binds: readonly BindMount[];
  /** As the caller wrote them, told back by inspect. */
  readonly bindTexts: readonly string[];
  /** Target path to mount options ("size=64m,mode=1777"). */
  readonly tmpfs: Readonly<Record<string, string>>;
  // What is absent here is so in rows of earlier daemons.
  readonly volumes?: readonly VolumeMount[];
  readonly tmpfsMounts?: readonly TmpfsMount[];
  readonly imageMounts?: readonly ImageMount[];
  /** "container[:mode]": whose volumes and binds are taken over. */
  readonly volumesFrom?: readonly string[];
  /** Said for volumes that are made, told back by inspect. */
  readonly volumeDriver?: string;
  /** Where the client wrote the id, told back by inspect. */
  readonly idFile?: string;
  /** Each value of `--mount` as the caller wrote it, told back by inspect. */
  readonly mountRequests?: readonly Readonly<Record<string, unknown>>[];
  readonly autoRemove: boolean;
  /** Absent is never started by itself. */
  readonly restart?: RestartPolicy;
  readonly privileged: boolean;
  readonly readOnlyRootfs: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly ulimits: readonly Ulimit[];
  readonly resources: Resources;
  readonly oomScoreAdj?: number;
  /** Of the control group, as the caller wrote it; absent is the daemon's own. */
  readonly cgroupParent?: string;
  readonly devices?: readonly DeviceMapping[];
  readonly deviceRequests?: readonly DeviceRequest[];
  /** Options of the layer driver for what the container writes: "size". */
  readonly storageOptions?: Readonly<Record<string, string>>;
  /** Rules of the device cgroup: "c 1:3 rwm". */
  readonly deviceRules?: readonly string[];
  // What follows is the daemon's default where nobody asked, and is absent in rows of earlier daemons.
  /** How many processes it may have where nobody asked for a limit of its own; 0 is any number. */
  readonly usualPidsLimit?: number;
  /** Bytes of /dev/shm. */
  readonly shmSize?: number;
  readonly ipcMode?: IpcMode;
  /** Absent is a namespace of its own. */
  readonly pidMode?: PidMode;
  readonly utsMode?: "host";
  /** A small init of the host's is the first process, and the command its child. */
  readonly init?: boolean;
  readonly lookup?: NameLookup;
  readonly cgroupNamespace?: "host" | "private";
  readonly noNewPrivileges?: boolean;
  readonly isSeccompOff?: boolean;
  /** As the caller wrote them; a profile for seccomp stands in them whole. */
  readonly securityOptions?: readonly string[];
  /** In place of the usual ones, also where the container is privileged. */
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  /** Names and numbers of groups that the process is in too. */
  readonly groupAdd?: readonly string[];
  readonly sysctls?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** "host", or "" for the daemon's own way. */
  readonly usernsMode?: string;
  /** "default" as the caller wrote it: there is no other. */
  readonly isolation?: string;
  readonly log?: LogSpec;
  /** The runtime's name. */
  readonly runtime?: string;
}

/** What the process is: Docker's Config. An absent list or text means "as the image says". */
export interface ContainerSpec {
  /** The reference as the caller wrote it. */
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env: readonly string[];
  readonly workingDir?: string;
  /** "" means "as the image says". */
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  /** "" means the first twelve digits of the id. */
  readonly hostname: string;
  readonly domainname: string;
  readonly tty: boolean;
  readonly openStdin: boolean;
  readonly stdinOnce: boolean;
  readonly attachStdin: boolean;
  readonly attachStdout: boolean;
  readonly attachStderr: boolean;
  readonly stopSignal?: string;
  /** Seconds. */
  readonly stopTimeout?: number;
  /** What of it is absent or zero is as the image says. */
  readonly healthcheck?: HealthCheck;
  /** "80/tcp" */
  readonly exposedPorts: readonly string[];
  /** Folders that shall be volumes of the container's own, beside those of the image; absent in rows of earlier daemons. */
  readonly volumePaths?: readonly string[];
  readonly host: HostSpec;
}
