import { formatInstant, neverHappened, type Instant } from "#base";
import { appArmorProfileOf, type Health, isUp, networkNameOf, parseSecurityOptions, shownStatus, type State } from "#container";
import type { ContainerSize, ContainerView, ListedContainer } from "#engine";
import type { Descriptor, Platform } from "#image";
import { argumentsOf, configView, nullIfEmpty } from "./container-config.ts";
import { durationChangesIn, formatDuration } from "./duration-text.ts";
import { hostConfigView, type HostDefaults } from "./host-config.ts";
import { mountPoints } from "./mount-points.ts";
import { networkSettings, networksOf, portLines } from "./network-settings.ts";

/** The manifest that a container was made from, while its image is here. */
export interface ManifestFacts {
  readonly descriptor: Descriptor;
  readonly platform: Platform;
}

/** What an inspect reply needs beside the container. */
export interface ContainerFacts {
  readonly defaults: HostDefaults;
  readonly manifest: ManifestFacts | undefined;
  readonly size: ContainerSize | undefined;
  /** Every container has a profile then. */
  readonly hasAppArmor: boolean;
}

/** Body of GET /containers/{id}/json, at the newest version. */
export function inspectContainer(view: ContainerView, facts: ContainerFacts): Readonly<Record<string, unknown>> {
  const { container, folder } = view;
  const { fileFolder = folder } = view;
  const [path = "", ...args] = argumentsOf(container);
  // One that failed to start has its files too.
  const wasStarted = container.state.status !== "created" || container.state.code !== undefined;
  const fileOf = (name: string): string => (wasStarted ? `${fileFolder}/${name}` : "");
  return {
    Id: container.id,
    Created: formatInstant(container.created),
    Path: path,
    Args: args,
    State: { ...stateView(container.state), ...(container.health !== undefined && { Health: healthView(container.health) }) },
    Image: container.image.id,
    ResolvConfPath: fileOf("resolv.conf"),
    HostnamePath: fileOf("hostname"),
    HostsPath: fileOf("hosts"),
    LogPath: wasStarted ? view.logPath : "",
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: view.layerDriver,
    Platform: container.image.os,
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: facts.hasAppArmor
      ? appArmorProfileOf(container.spec.host, { hasUsual: true })
      : wasStarted
        ? ""
        : (parseSecurityOptions(container.spec.host.securityOptions ?? []).appArmor ?? ""),
    ExecIDs: nullIfEmpty(view.execIds),
    HostConfig: hostConfigView(container.spec, facts.defaults),
    GraphDriver: { Data: null, Name: view.layerDriver },
    ...sizeFields(facts.size),
    Mounts: mountPoints(view),
    ...ownFields(container),
    Config: configView(container),
    NetworkSettings: networkSettings(view),
    ...manifestDescriptor(facts.manifest),
  };
}

/** What Docker does not have, where it was asked for. */
function ownFields({ spec }: ListedContainer["container"]): Readonly<Record<string, unknown>> {
  const owners = spec.host.binds.flatMap(({ target, owner }) =>
    owner === undefined ? [] : [[target, `${owner.uid}:${owner.gid}`] as const],
  );
  return owners.length === 0 ? {} : { Gantry: { BindOwners: Object.fromEntries(owners) } };
}

/** One entry of GET /containers/json, at the newest version, without the text that goes by the clock. */
export function summarizeContainer(
  view: ListedContainer,
  manifest: ManifestFacts | undefined,
  size: ContainerSize | undefined,
): Readonly<Record<string, unknown>> {
  const { container } = view;
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: container.spec.image,
    ImageID: container.image.id,
    ...manifestDescriptor(manifest),
    Command: argumentsOf(container)
      .map((word) => (word.includes(" ") ? `'${word}'` : word))
      .join(" "),
    Created: Number(container.created / 1_000_000_000n),
    Ports: portLines(view),
    ...sizeFields(size),
    Labels: { ...container.image.config.labels, ...container.spec.labels },
    State: shownStatus(container.state),
    Status: "",
    HostConfig: { NetworkMode: networkNameOf(container.spec.host) },
    NetworkSettings: { Networks: networksOf(view) },
    Mounts: mountPoints(view),
  };
}

function stateView(state: State): Readonly<Record<string, unknown>> {
  const running = isUp(state);
  const restarting = state.status === "restarting";
  const exited = state.status === "exited" || restarting;
  const startedAt = "startedAt" in state && state.startedAt !== undefined ? formatInstant(state.startedAt) : neverHappened;
  return {
    Status: shownStatus(state),
    Running: running || restarting,
    Paused: state.status === "paused",
    Restarting: restarting,
    OOMKilled: exited && state.exit.oomKilled,
    Dead: false,
    Pid: running ? state.pid : 0,
    ExitCode: exitCodeOf(state),
    Error: "error" in state ? (state.error ?? "") : "",
    StartedAt: startedAt,
    FinishedAt: exited ? formatInstant(state.exit.at) : neverHappened,
  };
}

function healthView({ status, failingStreak, log }: Health): Readonly<Record<string, unknown>> {
  const results = log.map(({ start, end, code, output }) => ({
    Start: formatInstant(start),
    End: formatInstant(end),
    ExitCode: code,
    Output: output,
  }));
  return { Status: status, FailingStreak: failingStreak, Log: results };
}

function exitCodeOf(state: State): number {
  if (state.status === "exited" || state.status === "restarting") return state.exit.code;
  return state.status === "created" ? (state.code ?? 0) : 0;
}

/** "Up 5 minutes (Paused)", "Exited (0) 2 hours ago", "Created". */
export function statusText(state: State, nowMs: number, health?: Health): string {
  switch (state.status) {
    case "created":
    case "starting":
      return "Created";
    case "running":
      return `Up ${formatDuration(secondsBetween(state.startedAt, nowMs))}${healthText(health)}`;
    case "paused":
      return `Up ${formatDuration(secondsBetween(state.startedAt, nowMs))} (Paused)`;
    case "exited":
      return `Exited (${state.exit.code}) ${formatDuration(secondsBetween(state.exit.at, nowMs))} ago`;
    case "restarting":
      return `Restarting (${state.exit.code}) ${formatDuration(secondsBetween(state.exit.at, nowMs))} ago`;
    case "removing":
      return "Removal In Progress";
    default:
      return state satisfies never;
  }
}

function healthText(health: Health | undefined): string {
  if (health === undefined) return "";
  return health.status === "starting" ? " (health: starting)" : ` (${health.status})`;
}

/** Milliseconds for which the status text stays as it is, at least. */
export function unchangedFor(state: State, nowMs: number): number {
  const since = isUp(state) ? state.startedAt : "exit" in state ? state.exit.at : undefined;
  return since === undefined ? Number.POSITIVE_INFINITY : durationChangesIn(secondsBetween(since, nowMs)) * 1000;
}

function secondsBetween(from: Instant, toMs: number): number {
  return toMs / 1000 - Number(from) / 1e9;
}

function sizeFields(size: ContainerSize | undefined): Readonly<Record<string, unknown>> {
  return size === undefined ? {} : { SizeRw: size.written, SizeRootFs: size.total };
}

function manifestDescriptor(manifest: ManifestFacts | undefined): Readonly<Record<string, unknown>> {
  if (manifest === undefined) return {};
  const { mediaType, digest, size } = manifest.descriptor;
  const { architecture, os, variant } = manifest.descriptor.platform ?? manifest.platform;
  const platform = { architecture, os, ...(variant !== undefined && { variant }) };
  return { ImageManifestDescriptor: { mediaType, digest, size, platform } };
}
