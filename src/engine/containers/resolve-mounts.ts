// What a container sees mounted, put together from what its request, its image and the containers that it takes over from say. Docker's order:
// others' mounts first, then the request's own over them, then the image's folders where nothing else is mounted.
import { fault, newId } from "#base";
import {
  type BindMount,
  type Container,
  type ContainerSpec,
  type HeldImage,
  type HostSpec,
  type ImageMount,
  targetsOf,
  type VolumeMount,
} from "#container";

interface Lookups {
  /** @throws invalid when there is no such container */
  readonly findContainer: (reference: string) => Container;
  /** @throws not-found "No such image: x" */
  readonly findImage: (reference: string) => HeldImage;
}

/** The spec with every volume named. @throws invalid in Docker's words */
export function resolveMounts(spec: ContainerSpec, imageVolumes: readonly string[], { findContainer, findImage }: Lookups): ContainerSpec {
  const { host } = spec;
  const own = new Set(targetsOf(host));
  const binds = new Map<string, BindMount>();
  const volumes = new Map<string, VolumeMount>();
  const images = new Map<string, ImageMount>();
  for (const entry of host.volumesFrom ?? []) {
    const { reference, readOnly } = parseVolumesFrom(entry);
    const { host: other } = findContainer(reference).spec;
    for (const bind of other.binds) {
      volumes.delete(bind.target);
      if (!own.has(bind.target)) binds.set(bind.target, { ...bind, readOnly: bind.readOnly || readOnly });
    }
    for (const { labels: _labels, options: _options, isDeclared: _isDeclared, ...volume } of other.volumes ?? []) {
      binds.delete(volume.target);
      if (!own.has(volume.target)) volumes.set(volume.target, { ...volume, readOnly: volume.readOnly || readOnly, copyUp: false });
    }
    for (const mount of other.imageMounts ?? []) {
      binds.delete(mount.target);
      volumes.delete(mount.target);
      if (!own.has(mount.target)) images.set(mount.target, mount);
    }
  }
  for (const volume of host.volumes ?? []) volumes.set(volume.target, volume.name === "" ? { ...volume, name: newId() } : volume);
  for (const target of [...(spec.volumePaths ?? []), ...imageVolumes]) {
    if (own.has(target) || binds.has(target) || volumes.has(target) || images.has(target)) continue;
    const declared = { readOnly: false, copyUp: true, mode: "", isAnonymous: true, isDeclared: true };
    volumes.set(target, { ...declared, name: newId(), target });
  }
  for (const mount of host.imageMounts ?? []) images.set(mount.target, withImage(mount, findImage));
  if (binds.size === 0 && volumes.size === 0 && images.size === 0) return spec;
  const resolved: HostSpec = {
    ...host,
    binds: [...binds.values(), ...host.binds],
    ...(volumes.size > 0 && { volumes: [...volumes.values()] }),
    ...(images.size > 0 && { imageMounts: [...images.values()] }),
  };
  return { ...spec, host: resolved };
}

function withImage(mount: ImageMount, findImage: Lookups["findImage"]): ImageMount {
  const { id, layers } = findImage(mount.source);
  return { ...mount, image: { id, layers } };
}

function parseVolumesFrom(entry: string): { readonly reference: string; readonly readOnly: boolean } {
  if (entry === "") throw fault("invalid", "volumes-from specification cannot be an empty string");
  const at = entry.indexOf(":");
  if (at === 0) throw fault("invalid", 'invalid name or ID supplied: ""');
  const mode = at === -1 ? "" : entry.slice(at + 1);
  const words = mode === "" ? [] : mode.split(",");
  const access = words.filter((word) => word === "ro" || word === "rw");
  const labels = words.filter((word) => word === "z" || word === "Z");
  if (access.length > 1 || labels.length > 1 || access.length + labels.length !== words.length)
    throw fault("invalid", `invalid mode: ${mode}`);
  return { reference: at === -1 ? entry : entry.slice(0, at), readOnly: access[0] === "ro" };
}
