import { resolve } from "node:path";
import { takeOwners } from "./bind-owners.ts";
import type { Invocation } from "./command.ts";
import { networksOf } from "./endpoint-flags.ts";
import { resolveEnv } from "./environment.ts";
import type { FlagValues } from "./flag.ts";
import { healthcheckOf } from "./health-flags.ts";
import { limitsOf } from "./limit-flags.ts";
import { logOf } from "./log-flags.ts";
import { parseMount } from "./mount.ts";
import { pairsOf, splitOnce } from "./pairs.ts";
import { proxyEnvironment } from "./proxy-environment.ts";
import { parseExposed, parsePublished } from "./publish.ts";
import { parseUlimit } from "./quantities.ts";
import { readRestartPolicy, type RestartPolicy } from "./restart-policy.ts";
import { spacesOf } from "./space-flags.ts";
import { securityOf } from "./security-flags.ts";
import { screenSize } from "./terminal.ts";
import { refuseWindowsFlags } from "./windows-flags.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Which of the container's streams the command line is attached to. */
export interface AttachedStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** What a container's variables come from beside the flags. */
export interface Surroundings {
  readonly env: Environment;
  /** Variables that the settings add to those given. */
  readonly proxies: (given: readonly string[]) => readonly string[];
}

/** Body of POST /containers/create, with the values that differ from Docker's defaults. */
export interface ContainerConfig {
  readonly Image: string;
  readonly Cmd: readonly string[] | null;
  readonly Tty: boolean;
  readonly HostConfig: { readonly AutoRemove: boolean; readonly [key: string]: unknown };
  readonly [key: string]: unknown;
}

/** What `-a`, `-i` and `-d` together attach. */
export function attachedStreams(flags: FlagValues, detached: boolean): AttachedStreams {
  if (detached) return { stdin: false, stdout: false, stderr: false };
  const named = new Set(flags.list("attach").map((stream) => stream.toLowerCase()));
  const all = named.size === 0;
  return { stdin: named.has("stdin") || flags.bool("interactive"), stdout: all || named.has("stdout"), stderr: all || named.has("stderr") };
}

/** Our own environment, and the proxies that config.json has for the daemon in use. */
export function ownSurroundings({ client, config }: Pick<Invocation, "client" | "config">): Surroundings {
  return { env: process.env, proxies: (given) => proxyEnvironment(config, client.transport.endpoint.address, given) };
}

/** Translates the flags and words of `create` and `run`. @throws Error in Docker's words */
export function containerConfig(
  flags: FlagValues,
  words: { readonly image: string; readonly command: readonly string[] },
  streams: AttachedStreams,
  around: Surroundings,
): ContainerConfig {
  refuseWindowsFlags(flags);
  const { binds, owners } = takeOwners(flags.list("volume"));
  const { Binds, Volumes } = volumesOf(binds);
  const published = parsePublished(flags.list("publish"));
  const ExposedPorts = { ...published.ExposedPorts, ...parseExposed(flags.list("expose")) };
  const openStdin = flags.bool("interactive");
  return {
    Hostname: flags.text("hostname"),
    User: flags.text("user"),
    AttachStdin: streams.stdin,
    AttachStdout: streams.stdout,
    AttachStderr: streams.stderr,
    Tty: flags.bool("tty"),
    OpenStdin: openStdin,
    StdinOnce: openStdin && streams.stdin,
    Env: [...resolveEnv(flags.list("env-file"), flags.list("env"), around.env), ...around.proxies(flags.list("env"))],
    Cmd: words.command.length === 0 ? null : words.command,
    Image: words.image,
    WorkingDir: flags.text("workdir"),
    Labels: pairsOf([...resolveEnv(flags.list("label-file"), [], {}), ...flags.list("label")]),
    ...(flags.changed("domainname") && { Domainname: flags.text("domainname") }),
    ...healthcheckOf(flags),
    ...networksOf(flags).config,
    ...(flags.changed("entrypoint") && { Entrypoint: [flags.text("entrypoint")] }),
    ...(flags.changed("stop-signal") && { StopSignal: flags.text("stop-signal") }),
    ...(flags.changed("stop-timeout") && { StopTimeout: flags.int("stop-timeout") }),
    ...(Object.keys(ExposedPorts).length > 0 && { ExposedPorts }),
    ...(Object.keys(Volumes).length > 0 && { Volumes }),
    ...(Object.keys(owners).length > 0 && { Gantry: { BindOwners: owners } }),
    HostConfig: { ...hostConfig(flags), Binds, PortBindings: published.PortBindings },
  };
}

function hostConfig(flags: FlagValues): { readonly AutoRemove: boolean; readonly [key: string]: unknown } {
  const tmpfs = flags.list("tmpfs").map((entry) => splitOnce(entry, ":"));
  const capabilities = (name: string): string[] | null => {
    const values = flags.list(name);
    return values.length === 0 ? null : values.map(capabilityOf);
  };
  const size = flags.bool("tty") ? screenSize() : undefined;
  return {
    AutoRemove: flags.bool("rm"),
    NetworkMode: networksOf(flags).mode,
    RestartPolicy: restartPolicyOf(flags),
    ...spacesOf(flags),
    ...logOf(flags),
    ...(flags.list("link").length > 0 && { Links: flags.list("link") }),
    CapAdd: capabilities("cap-add"),
    CapDrop: capabilities("cap-drop"),
    Privileged: flags.bool("privileged"),
    ReadonlyRootfs: flags.bool("read-only"),
    ...(flags.bool("publish-all") && { PublishAllPorts: true }),
    ...(flags.list("mount").length > 0 && { Mounts: flags.list("mount").map(parseMount) }),
    ...(flags.text("cidfile") !== "" && { ContainerIDFile: flags.text("cidfile") }),
    ...(flags.changed("volume-driver") && { VolumeDriver: flags.text("volume-driver") }),
    ...(flags.list("volumes-from").length > 0 && { VolumesFrom: flags.list("volumes-from") }),
    ...(size !== undefined && { ConsoleSize: [size.rows, size.columns] }),
    ...limitsOf(flags),
    ...securityOf(flags),
    ...(flags.list("ulimit").length > 0 && { Ulimits: flags.list("ulimit").map(parseUlimit) }),
    ...(tmpfs.length > 0 && { Tmpfs: Object.fromEntries(tmpfs) }),
  };
}

/** @throws Error in Docker's words */
function restartPolicyOf(flags: FlagValues): RestartPolicy {
  const policy = readRestartPolicy(flags.text("restart"));
  if (flags.bool("rm") && policy.Name !== "no" && policy.Name !== "")
    throw new Error("conflicting options: cannot specify both --restart and --rm");
  return policy;
}

function capabilityOf(name: string): string {
  const upper = name.trim().toUpperCase();
  return upper === "ALL" || upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
}

function volumesOf(specs: readonly string[]): { readonly Binds: string[] | null; readonly Volumes: Record<string, object> } {
  const binds = specs.filter((spec) => spec.includes(":"));
  const anonymous = specs.filter((spec) => !spec.includes(":"));
  return {
    Binds: binds.length === 0 ? null : binds.map(absoluteBind),
    Volumes: Object.fromEntries(anonymous.map((path) => [path, {}])),
  };
}

/** "./src:/x" names a folder relative to ours; the daemon has another working directory. */
function absoluteBind(bind: string): string {
  const [source, target] = splitOnce(bind, ":");
  return source.startsWith(".") ? `${resolve(source)}:${target}` : bind;
}
