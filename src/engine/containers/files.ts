// Files in and out of a container. Of one that runs, what its first process sees is meant; of any other its layers, and what is mounted into
// it: then the container's lock is held as long as something is written, since two mounts that write to the same layer know nothing of each other.
import { fault, isFault } from "#base";
import {
  type Container,
  type ExtractOptions,
  isUp,
  type PathArchive,
  type PathStatus,
  type RootAccess,
  targetsOf,
  type TreeAccess,
} from "#container";
import type { FileChange } from "#container";
import type { Extraction } from "../verbs.ts";
import { announce } from "./announce.ts";
import type { ContainerNeeds } from "./needs.ts";

type FileNeeds = Pick<ContainerNeeds, "roster" | "live" | "rootfs" | "volumes" | "files" | "announcer">;

/** @throws not-found with Docker's words */
export async function lookAtPath(needs: FileNeeds, reference: string, path: string): Promise<PathStatus> {
  const container = needs.roster.find(reference);
  return await named(reference, path, () => reading(needs, container, (tree) => needs.files.status(tree, cleanPath(path))));
}

/** @throws not-found with Docker's words */
export async function readPath(needs: FileNeeds, reference: string, path: string): Promise<PathArchive> {
  const container = needs.roster.find(reference);
  const archive = await named(reference, path, () => reading(needs, container, (tree) => needs.files.read(tree, cleanPath(path))));
  announce(needs.announcer, container, "archive-path");
  return archive;
}

/** @throws not-found, invalid with Docker's words */
export async function writePath(
  needs: FileNeeds,
  reference: string,
  { path, extraction }: { readonly path: string; readonly extraction: Extraction },
): Promise<void> {
  const container = needs.roster.find(reference);
  await named(reference, path, () => writing(needs, container, { path: cleanPath(path), extraction }));
  announce(needs.announcer, container, "extract-to-dir");
}

/** The tree as it is, without what is mounted into it; while the container runs, as it is met. */
export async function* exportTree(needs: FileNeeds, reference: string): AsyncGenerator<Uint8Array> {
  const container = needs.roster.find(reference);
  const layers = await needs.rootfs.layers(container.id, container.image.layers);
  announce(needs.announcer, container, "export");
  yield* needs.files.export(layers);
}

/** What differs from the image, by path. */
export async function listChanges(needs: FileNeeds, reference: string): Promise<readonly FileChange[]> {
  const { id, image } = needs.roster.find(reference);
  return await needs.files.changes(await needs.rootfs.layers(id, image.layers));
}

async function reading<Result>(needs: FileNeeds, container: Container, use: (tree: TreeAccess) => Promise<Result>): Promise<Result> {
  const { id } = container;
  if (isUp(container.state)) {
    try {
      return await use({ kind: "live", id, pid: container.state.pid });
    } catch (error) {
      // Its process has ended, and nobody has noted it yet.
      if (!isFault(error, "unavailable") || !(await hasEnded(needs, container))) throw error;
    }
  }
  if (targetsOf(container.spec.host).length === 0) return await use(await stillTree(needs, container));
  return await needs.roster.locked(id, async () => {
    const now = needs.roster.find(id);
    return await use(isUp(now.state) ? { kind: "live", id, pid: now.state.pid } : await stillTree(needs, now));
  });
}

async function hasEnded({ roster, live }: FileNeeds, { id, state }: Container): Promise<boolean> {
  const process = live.process(id);
  if (process !== undefined && (await Promise.race([process.exited, Promise.resolve()])) !== undefined) await live.ended(id);
  return roster.get(id)?.state !== state;
}

async function writing(
  needs: FileNeeds,
  { id, state }: Container,
  { path, extraction }: { readonly path: string; readonly extraction: Extraction },
): Promise<void> {
  if (isUp(state)) {
    const tree: TreeAccess = { kind: "live", id, pid: state.pid };
    await needs.files.extract(tree, path, extraction.archive, await optionsOf(needs, needs.roster.find(id), { extraction, root: tree }));
    return;
  }
  await needs.roster.locked(id, async () => {
    const container = needs.roster.find(id);
    await needs.live.cleaned(id);
    if (isUp(container.state)) {
      const tree: TreeAccess = { kind: "live", id, pid: container.state.pid };
      await needs.files.extract(tree, path, extraction.archive, await optionsOf(needs, container, { extraction, root: tree }));
      return;
    }
    const options = await optionsOf(needs, container, { extraction });
    try {
      await needs.files.extract(await stillTree(needs, container), path, extraction.archive, options);
    } finally {
      // Another value for the same container: what was measured of it holds no more.
      needs.roster.replace({ ...needs.roster.find(id) });
    }
  });
}

/** The user is looked up where the process would find itself. */
async function optionsOf(
  { rootfs }: FileNeeds,
  { id, spec, image }: Container,
  { extraction, root }: { readonly extraction: Extraction; readonly root?: RootAccess },
): Promise<ExtractOptions> {
  const { keepKinds, asUser } = extraction;
  const user = spec.user || image.config.user;
  if (!asUser || user === "") return { keepKinds };
  if (root !== undefined) return { keepKinds, owner: await rootfs.lookupUser(root, user, []) };
  await using mounted = await rootfs.mount(id, { layers: image.layers, ephemeral: spec.host.autoRemove });
  return { keepKinds, owner: await rootfs.lookupUser({ path: mounted.path }, user, []) };
}

async function stillTree({ rootfs, volumes }: FileNeeds, { id, spec, image }: Container): Promise<TreeAccess> {
  const shown = (spec.host.volumes ?? []).map(({ name, target, readOnly, subpath }) => {
    // Neither is there while nothing runs, and what the words of a subpath lead to is the volume's to say.
    if (subpath !== undefined || volumes.find(name).options !== undefined)
      throw fault(
        "unsupported",
        `files of a container that does not run and has a volume with a subpath or a device (${name}) are not implemented`,
      );
    return { source: volumes.store.path(name), target, readOnly };
  });
  const mounts = [...spec.host.binds.map(({ source, target, readOnly }) => ({ source, target, readOnly })), ...shown];
  return {
    kind: "still",
    layers: await rootfs.layers(id, image.layers),
    mounts: mounts.toSorted((left, right) => left.target.split("/").length - right.target.split("/").length),
    readOnly: spec.host.readOnlyRootfs,
  };
}

async function named<Result>(reference: string, path: string, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    if (!isFault(error, "not-found") || error.message !== cleanPath(path)) throw error;
    throw fault("not-found", `Could not find the file ${path} in container ${reference}`, { cause: error });
  }
}

/** From the root on, "." and ".." taken out by text as Docker does; a slash or a "." at the end stays, since it asks for a directory. */
export function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const clean = `/${parts.join("/")}`;
  const isBare = clean === "/";
  if (/(?:^|\/)\.$/.test(path)) return isBare ? "/." : `${clean}/.`;
  return path.endsWith("/") && !isBare ? `${clean}/` : clean;
}
