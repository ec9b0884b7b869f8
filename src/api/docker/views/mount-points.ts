import type { BindMount, Container, TmpfsMount, VolumeMount } from "#container";
import type { ListedContainer } from "#engine";

interface MountPoint {
  readonly Destination: string;
  readonly [field: string]: unknown;
}

/** Mounts of an inspect reply and of lists. Docker's own order is a map's; ours is that of the targets. */
export function mountPoints({ container, volumeRoot = "" }: ListedContainer): readonly MountPoint[] {
  const { binds, volumes = [], tmpfsMounts = [] } = container.spec.host;
  const points = [
    ...binds.map((bind) => bindPoint(bind, container)),
    ...volumes.map((volume) => volumePoint(volume, volumeRoot)),
    ...tmpfsMounts.map(tmpfsPoint),
  ];
  return volumes.length + tmpfsMounts.length === 0
    ? points
    : points.toSorted((one, other) => (one.Destination < other.Destination ? -1 : 1));
}

function bindPoint(bind: BindMount, container: Container): MountPoint {
  const text = container.spec.host.bindTexts.find((entry) => entry.startsWith(`${bind.source}:${bind.target}`));
  const mode = bind.createSource ? (text?.slice(`${bind.source}:${bind.target}:`.length) ?? "") : "";
  const fields = { Type: "bind", Source: bind.source, Destination: bind.target, Mode: mode, RW: !bind.readOnly };
  return { ...fields, Propagation: bind.propagation };
}

function volumePoint({ name, target, mode, readOnly }: VolumeMount, root: string): MountPoint {
  const place = { Source: `${root}/${name}/_data`, Destination: target, Driver: "local" };
  return { Type: "volume", Name: name, ...place, Mode: mode, RW: !readOnly, Propagation: "" };
}

function tmpfsPoint({ target, options }: TmpfsMount): MountPoint {
  const readOnly = options.split(",").includes("ro");
  return { Type: "tmpfs", Source: "", Destination: target, Mode: "", RW: !readOnly, Propagation: "" };
}
