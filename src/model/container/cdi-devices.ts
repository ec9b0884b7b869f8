import { fault } from "#base";
import type { CdiEdits, CdiHook, CdiNode, CdiSpec } from "./cdi-spec.ts";
import type { DeviceSpecFile } from "./device-specs.ts";
import type { FoundDevices } from "./limit-plan.ts";
import type { OciConfig, OciDevice, OciDeviceRule, OciHook } from "./runtime.ts";

/**
 * What devices by these names ask of a container, in order: a file's own edits once, before those of its first device. A name that two
 * files of equal rank describe is nobody's. @throws internal with Docker's words, and what is wrong with files that may have described it
 */
export function resolveDevices(names: readonly string[], files: readonly DeviceSpecFile[]): readonly CdiEdits[] {
  const found = names.map((name) => ({ name, spec: describing(name, files) }));
  const unresolved = found.filter(({ spec }) => spec === undefined).map(({ name }) => name);
  if (unresolved.length > 0) {
    const problems = files.flatMap(({ path, problem }) => (problem === undefined ? [] : [`${path}: ${problem}`]));
    const reasons = problems.length === 0 ? "" : ` (not read: ${problems.join("; ")})`;
    throw fault("internal", `CDI device injection failed: unresolvable CDI devices ${unresolved.join(", ")}${reasons}`);
  }
  const begun = new Set<CdiSpec>();
  return found.flatMap(({ name, spec }) => {
    if (spec === undefined) return [];
    const own = spec.devices.get(deviceOf(name)) ?? {};
    if (begun.has(spec)) return [own];
    begun.add(spec);
    return [spec.edits, own];
  });
}

function describing(name: string, files: readonly DeviceSpecFile[]): CdiSpec | undefined {
  const kind = name.slice(0, Math.max(0, name.indexOf("=")));
  const able = files.filter(({ spec }) => spec?.kind === kind && spec.devices.has(deviceOf(name)));
  const highest = Math.max(...able.map(({ priority }) => priority));
  const best = able.filter(({ priority }) => priority === highest);
  return best.length === 1 ? best[0]?.spec : undefined;
}

function deviceOf(name: string): string {
  return name.slice(name.indexOf("=") + 1);
}

/** Paths of the host that nodes of these edits stand for. */
export function nodePaths(edits: readonly CdiEdits[]): readonly string[] {
  return edits.flatMap(({ deviceNodes = [] }) => deviceNodes.map(({ path, hostPath = path }) => hostPath));
}

/** The configuration with the devices in it. @throws internal for a node that is no device of the host */
export function injectDevices(config: OciConfig, edits: readonly CdiEdits[], found: FoundDevices): OciConfig {
  const { process: init, linux } = config;
  const planned = edits.flatMap(({ deviceNodes = [] }) => deviceNodes).map((node) => ({ node, device: deviceAt(node, found, init.user) }));
  const devices = new Map([...(linux.devices ?? []), ...planned.map(({ device }) => device)].map((device) => [device.path, device]));
  const rules = planned.flatMap(({ node: { permissions = "rwm" }, device: { type, major, minor } }): OciDeviceRule[] =>
    type === "p" ? [] : [{ allow: true, type, major, minor, access: permissions }],
  );
  const mounts = edits
    .flatMap(({ mounts: asked = [] }) => asked)
    .map(({ hostPath, containerPath, type = "bind", options = [] }) => {
      return { destination: containerPath, source: hostPath, type, options };
    });
  const covered = new Set(mounts.map(({ destination }) => destination));
  return {
    ...config,
    process: {
      ...init,
      env: withVariables(
        init.env,
        edits.flatMap(({ env = [] }) => env),
      ),
      user: withGroups(
        init.user,
        edits.flatMap(({ additionalGids = [] }) => additionalGids),
      ),
    },
    mounts: [...config.mounts.filter(({ destination }) => !covered.has(destination)), ...mounts],
    linux: {
      ...linux,
      ...(devices.size > 0 && { devices: [...devices.values()] }),
      resources: { ...linux.resources, devices: [...linux.resources.devices, ...rules] },
    },
    ...withHooks(edits.flatMap(({ hooks = [] }) => hooks)),
  };
}

function deviceAt(node: CdiNode, found: FoundDevices, user: OciConfig["process"]["user"]): OciDevice {
  const { path, hostPath = path, type, major, minor } = node;
  const [there] = found.get(hostPath) ?? [];
  const refuse = (reason: string): Error => fault("internal", `CDI device injection failed: device node ${hostPath}: ${reason}`);
  const kind = type === "u" ? "c" : (type ?? there?.type);
  if (kind !== "b" && kind !== "c" && kind !== "p") throw refuse(kind === undefined ? "not a device node" : `${kind} is no type of one`);
  if (there !== undefined && there.type !== kind) throw refuse(`it is of type ${there.type}, not ${kind}`);
  const numbers = { major: major ?? there?.major, minor: minor ?? there?.minor };
  if (kind !== "p" && (numbers.major === undefined || numbers.minor === undefined)) throw refuse("not a device node");
  return {
    path,
    type: kind,
    major: numbers.major ?? 0,
    minor: numbers.minor ?? 0,
    fileMode: node.fileMode ?? there?.fileMode ?? 0o666,
    // Whoever the process is may use what is its own.
    uid: node.uid ?? (user.uid > 0 ? user.uid : (there?.uid ?? 0)),
    gid: node.gid ?? (user.gid > 0 ? user.gid : (there?.gid ?? 0)),
  };
}

/** The last value of a name wins, in the place of the first. */
function withVariables(env: readonly string[], added: readonly string[]): readonly string[] {
  return [...new Map([...env, ...added].map((entry) => [entry.split("=", 1)[0], entry])).values()];
}

function withGroups(user: OciConfig["process"]["user"], added: readonly number[]): OciConfig["process"]["user"] {
  return added.length === 0 ? user : { ...user, additionalGids: [...new Set([...(user.additionalGids ?? []), ...added])] };
}

function withHooks(asked: readonly CdiHook[]): Pick<OciConfig, "hooks"> {
  const hooks: Record<string, OciHook[]> = {};
  for (const { hookName, ...hook } of asked) (hooks[hookName] ??= []).push(hook);
  return asked.length === 0 ? {} : { hooks };
}
