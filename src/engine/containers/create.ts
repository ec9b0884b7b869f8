import { fault, isFault, newId, now } from "#base";
import { formatPlatform, platformMatches } from "#image";
import {
  argumentsOf,
  checkCgroupParent,
  checkLimits,
  checkSpaces,
  checkSysctls,
  checkUserSpace,
  type Container,
  type ContainerImage,
  type ContainerSpec,
  parseSignal,
  type MachineFacts,
  parseDeviceRule,
  parseSecurityOptions,
  planCapabilities,
  planUlimits,
  readSeccompProfile,
  usualAppArmorProfile,
  withDefaults,
  workingDirOf,
  writableSize,
} from "#container";
import { parseLogLimits } from "#log";
import type { ContainerVerbs } from "../verbs.ts";
import { announce } from "./announce.ts";
import { checkEndpoints } from "../networks/attachments.ts";
import { generateName } from "./name.ts";
import type { ContainerNeeds } from "./needs.ts";
import { resolveMounts } from "./resolve-mounts.ts";
import { resolveOthers } from "./spaces.ts";
import { makeVolumes, removeAnonymousVolumes } from "./volumes.ts";

type Needs = Pick<
  ContainerNeeds,
  "bindSources" | "networks" | "roster" | "rootfs" | "volumes" | "announcer" | "logger" | "resolveImage" | "machine" | "defaults"
>;
type Request = Parameters<ContainerVerbs["create"]>[0];

/** Reserves a name, makes the folder and the row. Nothing stays of a create that fails. */
export async function createContainer(needs: Needs, request: Request): Promise<{ id: string; warnings: readonly string[] }> {
  const { resources, warnings } = checkLimits(request.spec.host.resources, needs.machine.enforces, { update: false });
  const limited = { ...request.spec, host: { ...request.spec.host, resources } };
  const asked = withDefaults(withHostname(limited, needs.machine), needs.defaults());
  const image = needs.resolveImage(asked.image, request.platform);
  const findContainer = (reference: string): Container => findOther(needs, reference);
  const spec = resolveOthers(
    needs,
    resolveMounts(asked, image.config.volumes, { findContainer, findImage: (reference) => needs.resolveImage(reference) }),
  );
  check(spec, image, needs.machine);
  const size = writableSize(spec.host.storageOptions);
  if (needs.defaults().owners !== undefined) checkUserSpace(spec.host);
  checkEndpoints(needs.networks, spec.host.endpoints ?? []);
  const id = newId();
  const container: Container = {
    id,
    name: request.name ?? generateName((candidate) => needs.roster.isNameFree(candidate)),
    owner: "api",
    created: now(),
    generation: 1,
    spec: withImageLabels(spec, image),
    image,
    state: { status: "created" },
    restartCount: 0,
  };
  // Nothing may be waited for between resolving the image and this: from here on its layers count as used.
  needs.roster.reserve(container);
  try {
    await checkBinds(needs, spec);
    await needs.rootfs.create(id, {
      layers: image.layers,
      ephemeral: spec.host.autoRemove,
      ...(size !== undefined && { size }),
    });
    if (spec.host.volumes !== undefined) await makeVolumes(needs, container);
    await needs.roster.add(container);
  } catch (error) {
    needs.roster.withdraw(container);
    await removeAnonymousVolumes(needs, container);
    await needs.rootfs.remove(id);
    throw error;
  }
  announce(needs.announcer, container, "create");
  return {
    id,
    warnings: [
      ...warnings,
      ...foreign(image, request, needs.machine),
      ...appArmorWarnings(spec, needs.machine),
      ...imageMountWarnings(asked),
    ],
  };
}

/** As Docker says for each. */
function imageMountWarnings({ host }: ContainerSpec): readonly string[] {
  return (host.imageMounts ?? []).map(() => "Image mount is an experimental feature");
}

/** In the host's network a container has the host's name, unless another is asked for. */
function withHostname(spec: ContainerSpec, { hostname }: MachineFacts): ContainerSpec {
  return spec.host.network === "host" && spec.hostname === "" ? { ...spec, hostname } : spec;
}

/** Docker says nothing; whoever names a profile of their own counts on it. */
function appArmorWarnings({ host }: ContainerSpec, machine: MachineFacts): readonly string[] {
  const { appArmor = "" } = parseSecurityOptions(host.securityOptions ?? []);
  return machine.appArmor !== undefined || ["", "unconfined", usualAppArmorProfile].includes(appArmor)
    ? []
    : [`Your kernel does not support AppArmor or it is not enabled. Profile ${appArmor} discarded.`];
}

/** Docker warns of an image of another architecture when nobody asked for it. */
function foreign({ platform }: ContainerImage, request: Request, { architecture }: MachineFacts): readonly string[] {
  const own = { os: "linux", architecture: architecture === "x64" ? "amd64" : architecture };
  if (platform === undefined || request.platform !== undefined || platformMatches(own, platform)) return [];
  const [image, host] = [platform, own].map(formatPlatform);
  return [
    `The requested image's platform (${image}) does not match the detected host platform (${host}) and no specific platform was requested`,
  ];
}

/** What the start would refuse, the create refuses. @throws invalid */
function check(spec: ContainerSpec, image: ContainerImage, machine: MachineFacts): void {
  checkSpaces(spec);
  if (argumentsOf(spec, image).length === 0) throw fault("invalid", "no command specified");
  if (!workingDirOf(spec, image).startsWith("/")) {
    throw fault("invalid", `the working directory '${spec.workingDir}' is invalid, it needs to be an absolute path`);
  }
  // Both become lines of /etc/hosts and /etc/hostname (row A21).
  for (const [what, name] of Object.entries({ hostname: spec.hostname, domainname: spec.domainname }))
    if (/[\s\0-\x1f]/.test(name)) throw fault("invalid", `invalid ${what} ${JSON.stringify(name)}: a name has no spaces and is one line`);
  if (spec.stopSignal !== undefined && spec.stopSignal !== "") parseSignal(spec.stopSignal);
  const { privileged, capAdd, capDrop, ulimits, log, deviceRules = [], securityOptions = [], sysctls = {} } = spec.host;
  if (log !== undefined && log.driver !== "none") parseLogLimits(log.driver, log.options);
  planCapabilities({ privileged, capAdd, capDrop }, machine.capabilities);
  planUlimits(ulimits, machine);
  deviceRules.forEach(parseDeviceRule);
  checkCgroupParent(spec.host.cgroupParent ?? "");
  checkSysctls(sysctls, spec.host);
  const { seccomp = "" } = parseSecurityOptions(securityOptions);
  if (!["", "builtin", "unconfined"].includes(seccomp)) readSeccompProfile(seccomp);
}

/** @throws invalid: Docker answers 400, not 404, when the container that volumes are taken from is not there */
function findOther({ roster }: Pick<Needs, "roster">, reference: string): Container {
  try {
    return roster.find(reference);
  } catch (error) {
    throw isFault(error, "not-found") ? fault("invalid", error.message, { cause: error }) : error;
  }
}

/** A source that must be there (`--mount`) is looked for now; one that may be made (`-v`) is made at the start. */
async function checkBinds({ bindSources }: Pick<Needs, "bindSources">, spec: ContainerSpec): Promise<void> {
  for (const bind of spec.host.binds) {
    if (bind.createSource || (await bindSources.look(bind.source)) !== undefined) continue;
    throw fault("invalid", `invalid mount config for type "bind": bind source path does not exist: ${bind.source}`);
  }
}

/** A container shows its image's labels as its own; what the caller says wins. */
function withImageLabels(spec: ContainerSpec, image: ContainerImage): ContainerSpec {
  return { ...spec, labels: { ...image.config.labels, ...spec.labels } };
}
