import type { BindMount, Container, ImageMount, TmpfsMount, VolumeMount } from "#container";
import type { ListedContainer } from "#engine";
import { cleanTarget } from "../binds.ts";

interface MountPoint {
  readonly Destination: string;
  readonly [field: string]: unknown;
}

/** Mounts of an inspect reply and of lists. Docker's own order is a map's; ours is that of the targets. */
export function mountPoints({ container, volumeRoot = "" }: ListedContainer): readonly MountPoint[] {
  const { binds, volumes = [], tmpfsMounts = [], imageMounts = [] } = container.spec.host;
  const points = [
    ...binds.map((bind) => bindPoint(bind, container)),
    ...volumes.map((volume) => volumePoint(volume, volumeRoot)),
    ...tmpfsMounts.map(tmpfsPoint),
    ...imageMounts.map(imagePoint),
  ];
  return volumes.length + tmpfsMounts.length + imageMounts.length === 0
    ? points
    : points.toSorted((one, other) => (one.Destination < other.Destination ? -1 : 1));
}

function bindPoint(bind: BindMount, container: Container): MountPoint {
  const mode = bind.createSource ? modeOf(bind, container.spec.host.bindTexts) : "";
  const fields = { Type: "bind", Source: bind.source, Destination: bind.target, Mode: mode, RW: !bind.readOnly };
  return { ...fields, Propagation: bind.propagation };
}

/** The third part of the text that asked for it. */
function modeOf({ source, target }: BindMount, texts: readonly string[]): string {
  for (const text of texts) {
    const [from = "", to = "", mode = ""] = text.split(":");
    if (cleanTarget(from) === source && cleanTarget(to) === target) return mode;
  }
  return "";
}

function volumePoint({ name, target, mode, readOnly }: VolumeMount, root: string): MountPoint {
  const place = { Source: `${root}/${name}/_data`, Destination: target, Driver: "local" };
  return { Type: "volume", Name: name, ...place, Mode: mode, RW: !readOnly, Propagation: "" };
}

function tmpfsPoint({ target, options }: TmpfsMount): MountPoint {
  const readOnly = options.split(",").includes("ro");
  return { Type: "tmpfs", Source: "", Destination: target, Mode: "", RW: !readOnly, Propagation: "" };
}

/** It lies in no place that anybody else could look at, so what is told is which image it is. */
function imagePoint({ source, target, image }: ImageMount): MountPoint {
  const place = { Source: image?.id ?? "", Destination: target };
  return { Type: "image", Name: source, ...place, Mode: "", RW: false, Propagation: "rprivate" };
}
