// What a container sees of the host that does not lie there as it is seen: images, and binds that seem to be another's.
import { fault } from "#base";
import type { BindMount, BindOwner, BindSources, Container, MountedRootfs } from "#container";
import type { ContainerNeeds } from "./needs.ts";

interface Place {
  readonly root: MountedRootfs;
  /** Takes away what only the start needs. */
  readonly held: AsyncDisposableStack;
}

interface Shown {
  /** By target. */
  readonly sources: Map<string, string>;
  readonly fileSources: Set<string>;
}

/** @throws internal, unsupported */
export async function showOthers(
  needs: Pick<ContainerNeeds, "rootfs" | "bindSources">,
  { id, spec, image }: Container,
  { root, held }: Place,
): Promise<Shown> {
  const shown: Shown = { sources: new Map(), fileSources: new Set() };
  const note = async (target: string, path: string): Promise<void> => {
    shown.sources.set(target, path);
    if ((await needs.bindSources.look(path)) === "file") shown.fileSources.add(path);
  };
  for (const [slot, { target, subpath, image: seen }] of (spec.host.imageMounts ?? []).entries()) {
    const layers = seen?.layers ?? [];
    const opened = held.use(await needs.rootfs.openImage(id, slot, { layers, ...(subpath !== undefined && { subpath }) }));
    await note(target, opened.path);
  }
  let user: BindOwner | undefined;
  for (const [slot, { source, target, owner, nonRecursive = false, createSource }] of spec.host.binds.entries()) {
    // What is mounted below is left out here, since crun takes it along whatever the plan says.
    if (owner === undefined && !nonRecursive) continue;
    if (createSource && (await needs.bindSources.look(source)) === undefined) await needs.bindSources.make(source);
    if (owner !== undefined)
      user ??= await needs.rootfs.lookupUser({ path: root.path }, spec.user || image.config.user, spec.host.groupAdd ?? []);
    const owners = owner !== undefined && user !== undefined && { owners: { of: owner, as: { uid: user.uid, gid: user.gid } } };
    const appearance = { recursive: !nonRecursive, ...(owners !== false && owners) };
    const opened = held.use(await needs.bindSources.open(source, `${needs.rootfs.folder(id)}/source-${slot}`, appearance));
    await note(target, opened.path);
  }
  return shown;
}

/** Mounts travel between a source and a container only where they travel to and from the source. @throws internal in Docker's words */
export async function checkPropagation(sources: BindSources, { source, propagation, createSource }: BindMount): Promise<void> {
  if (propagation === "private" || propagation === "rprivate") return;
  if (createSource && (await sources.look(source)) === undefined) await sources.make(source);
  const { path, shared, slave } = await sources.mountOf(source);
  const takes = propagation.endsWith("slave");
  if (shared || (takes && slave)) return;
  throw fault("internal", `path ${source} is mounted on ${path} but it is not a shared${takes ? " or slave" : ""} mount`);
}
