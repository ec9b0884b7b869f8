// A container's volumes through its life: made and filled at its create, shown at its start, let go at its end.
import { fault, isFault, messageOf } from "#base";
import { type Container, isLive, type MountedRootfs, targetsOf, type VolumeMount } from "#container";
import { anonymousLabels } from "#volume";
import type { ContainerNeeds } from "./needs.ts";
import { checkPropagation, showOthers } from "./shown-sources.ts";

type VolumeNeeds = Pick<ContainerNeeds, "volumes" | "rootfs" | "roster" | "announcer" | "logger">;

/** Makes the volumes that are not there and fills those that are empty from the image. The container is reserved. @throws as the catalog; internal */
export async function makeVolumes(needs: Pick<VolumeNeeds, "volumes" | "rootfs" | "roster">, container: Container): Promise<void> {
  const mounts = container.spec.host.volumes ?? [];
  const durability = container.spec.host.autoRemove ? "volatile" : "durable";
  for (const { name, isAnonymous, labels, options } of mounts) {
    const allLabels = isAnonymous ? { ...labels, ...anonymousLabels } : labels;
    const request = { name, ...(allLabels !== undefined && { labels: allLabels }), ...(options !== undefined && { options }) };
    await needs.volumes.ensure(request, isAnonymous ? durability : "durable");
  }
  const fillable = mounts.filter(({ copyUp, isDeclared = false, subpath }) => (copyUp || isDeclared) && subpath === undefined);
  if (fillable.length > 0) await fillVolumes(needs, container, fillable);
}

async function fillVolumes(
  needs: Pick<VolumeNeeds, "volumes" | "rootfs" | "roster">,
  { id, image, spec }: Container,
  mounts: readonly VolumeMount[],
): Promise<void> {
  const { volumes, rootfs } = needs;
  const { layers } = image;
  await using mounted = await rootfs.mount(id, { layers, ephemeral: spec.host.autoRemove });
  for (const { name, target, isDeclared = false } of mounts) {
    await volumes.locked(name, async () => {
      const { options } = volumes.find(name);
      const isShared = options !== undefined || (volumes.users().get(name) ?? []).some((user) => user !== id);
      // What is mounted there is to be filled, not what lies below it.
      if (options !== undefined) await volumes.store.mountDevice(name, options);
      try {
        const filled = await volumes.store.fill(name, { root: mounted.path, path: target }, isShared);
        if (filled === "file" && isDeclared) throw fault("internal", `cannot mount volume over existing file, file exists ${target}`);
      } finally {
        if (options !== undefined) await unmountUnused(needs, name, [id]);
      }
    });
  }
}

/** Where a container's mounts come from while it starts. Disposing takes away what only the start needs. */
export interface PreparedMounts extends AsyncDisposable {
  /** Where volumes, images and binds that seem to be another's lie, by target. */
  readonly sources: ReadonlyMap<string, string>;
  /** Where targets lead in the root. */
  readonly resolved: ReadonlyMap<string, string>;
  /** Those of the sources that are no folders. */
  readonly fileSources: ReadonlySet<string>;
}

const nothing: PreparedMounts = {
  sources: new Map(),
  resolved: new Map(),
  fileSources: new Set(),
  [Symbol.asyncDispose]: async () => undefined,
};

/** Finds every volume, mounts what has to be mounted first, and announces them. @throws not-found, internal */
export async function prepareMounts(
  needs: VolumeNeeds & Pick<ContainerNeeds, "bindSources">,
  container: Container,
  root: MountedRootfs,
): Promise<PreparedMounts> {
  const { host } = container.spec;
  const targets = targetsOf(host);
  if (targets.length === 0) return nothing;
  await using held = new AsyncDisposableStack();
  const places = await needs.rootfs.resolve({ path: root.path }, targets);
  const resolved = new Map(targets.map((target, index) => [target, places[index] ?? target]));
  for (const bind of host.binds) await checkPropagation(needs.bindSources, bind);
  const { sources, fileSources } = await showOthers(needs, container, { root, held });
  for (const [index, mount] of (host.volumes ?? []).entries()) {
    const source = await openVolume(needs, container, { mount, index, held });
    sources.set(mount.target, source);
    if (mount.subpath !== undefined && (await needs.bindSources.look(source)) === "file") fileSources.add(source);
    announceVolume(needs, container, mount, "mount");
  }
  const kept = held.move();
  return { sources, resolved, fileSources, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

interface Opened {
  readonly mount: VolumeMount;
  readonly index: number;
  readonly held: AsyncDisposableStack;
}

async function openVolume({ volumes, rootfs }: VolumeNeeds, { id }: Container, { mount, index, held }: Opened): Promise<string> {
  const { name, subpath } = mount;
  const { options } = volumes.find(name);
  if (options !== undefined) await volumes.locked(name, () => volumes.store.mountDevice(name, options));
  if (subpath === undefined) return volumes.store.path(name);
  const opened = held.use(await volumes.store.openSubpath(name, subpath, `${rootfs.folder(id)}/subpath-${index}`));
  return opened.path;
}

/** Lets go of what a container that has ended had mounted; what nothing else uses is unmounted. */
export async function releaseVolumes(needs: VolumeNeeds, container: Container): Promise<void> {
  for (const mount of container.spec.host.volumes ?? []) {
    announceVolume(needs, container, mount, "unmount");
    if (needs.volumes.get(mount.name)?.options === undefined) continue;
    await needs.volumes.locked(mount.name, () => unmountUnused(needs, mount.name, [container.id]));
  }
}

/** `but` are containers that do not count, whatever they say of themselves. */
async function unmountUnused(
  { volumes, roster }: Pick<VolumeNeeds, "volumes" | "roster">,
  name: string,
  but: readonly string[],
): Promise<void> {
  const users = volumes.users().get(name) ?? [];
  const isUsed = users.some((id) => {
    const state = roster.get(id)?.state;
    return !but.includes(id) && state !== undefined && isLive(state);
  });
  if (!isUsed) await volumes.store.unmountDevice(name);
}

/** Removes those of a removed container's volumes that nobody named and nothing else uses. */
export async function removeAnonymousVolumes({ volumes, logger }: VolumeNeeds, container: Container): Promise<void> {
  for (const { name, isAnonymous } of container.spec.host.volumes ?? []) {
    if (!isAnonymous) continue;
    try {
      await volumes.remove(name);
    } catch (error) {
      if (!isFault(error, "conflict") && !isFault(error, "not-found"))
        logger.warn("volume was not removed with its container", { volume: name, container: container.id, error: messageOf(error) });
    }
  }
}

function announceVolume(
  { announcer }: Pick<VolumeNeeds, "announcer">,
  { id }: Container,
  mount: VolumeMount,
  action: "mount" | "unmount",
): void {
  const place = { destination: mount.target, propagation: "", "read/write": String(!mount.readOnly) };
  const attributes = { container: id, driver: "local", ...(action === "mount" && place) };
  announcer.announce({ type: "volume", action, actorId: mount.name, attributes });
}
