import { formatSize, shortId } from "#base";
import type { ContainerSummary, MountReply } from "#client";
import { goTime, humanSince } from "./human.ts";
import { portText } from "./port-text.ts";
import { ellipsis } from "./table.ts";
import { goQuote } from "./template/quote.ts";

/** A container as `ps` tells of it, by Docker's names for the columns. */
export interface ContainerRow {
  readonly Command: string;
  readonly CreatedAt: string;
  readonly ID: string;
  readonly Image: string;
  readonly Labels: string;
  readonly LocalVolumes: string;
  readonly Mounts: string;
  readonly Names: string;
  readonly Networks: string;
  readonly Platform: Readonly<Record<string, unknown>> | null;
  readonly Ports: string;
  readonly RunningFor: string;
  readonly Size: string;
  readonly State: string;
  readonly Status: string;
}

const commandWidth = 20;

/** Makes the row; `whole` leaves ids and commands uncut. Keys are in the order of their names, as the JSON has them. */
export function containerRow(container: ContainerSummary, whole: boolean): ContainerRow {
  const mounts = container.Mounts ?? [];
  return {
    Command: goQuote(whole ? container.Command : ellipsis(container.Command, commandWidth)),
    // The time zone costs a millisecond, and the usual table does not show it.
    get CreatedAt() {
      return goTime(container.Created);
    },
    ID: whole ? container.Id : shortId(container.Id),
    Image: imageName(container, whole),
    Labels: Object.entries(container.Labels ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .toSorted()
      .join(","),
    LocalVolumes: String(mounts.filter((mount) => mount.Driver === "local").length),
    Mounts: mounts.map((mount) => mountName(mount, whole)).join(","),
    Names: names(container, whole),
    Networks: Object.keys(container.NetworkSettings?.Networks ?? {})
      .toSorted()
      .join(","),
    Platform: container.ImageManifestDescriptor?.platform ?? null,
    Ports: portText(container.Ports ?? []),
    RunningFor: humanSince(container.Created),
    Size: sizeText(container),
    State: container.State,
    Status: container.Status,
  };
}

function imageName(container: ContainerSummary, whole: boolean): string {
  if (container.Image === "") return "<no image>";
  if (whole) return container.Image;
  const id = (container.ImageID ?? "").replace(/^sha256:/, "");
  if (id !== "" && container.Image.replace(/^sha256:/, "") === id) return shortId(id);
  const at = container.Image.indexOf("@");
  if (at === -1) return container.Image;
  const name = container.Image.slice(0, at);
  return /:[^/]+$/.test(name) ? name : container.Image;
}

/** Links have names with more than one slash; they are left away where names are cut. */
function names(container: ContainerSummary, whole: boolean): string {
  const all = (container.Names ?? []).map((name) => name.replace(/^\//, ""));
  return (whole ? all : all.filter((name) => !name.includes("/"))).join(",");
}

function mountName(mount: MountReply, whole: boolean): string {
  const name = mount.Name === undefined || mount.Name === "" ? (mount.Source ?? "") : mount.Name;
  return whole ? name : ellipsis(name, 15);
}

function sizeText(container: ContainerSummary): string {
  const own = formatSize(container.SizeRw ?? 0, 3);
  const total = container.SizeRootFs ?? 0;
  return total > 0 ? `${own} (virtual ${formatSize(total, 3)})` : own;
}

/** "linux/arm64/v8" for the platform of a row. */
export function platformText(platform: unknown): string {
  const { os = "", architecture = "", variant } = (platform ?? {}) as { os?: string; architecture?: string; variant?: string };
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join("/");
}
