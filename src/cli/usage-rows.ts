import { formatSize } from "#base";
import type { UsageReply } from "#client";

/** One kind of thing as `system df` tells of it, in the order of the JSON. */
export interface UsageRow {
  readonly Active: string;
  readonly Reclaimable: string;
  readonly Size: string;
  readonly TotalCount: string;
  readonly Type: string;
}

/** Images, containers, volumes and build cache: how many, how many in use, how large, and how much of that would go. */
export function usageRows(usage: UsageReply): readonly UsageRow[] {
  return [images(usage), containers(usage), volumes(usage), cache(usage)];
}

function images({ Images, LayersSize = 0 }: UsageReply): UsageRow {
  const all = Images ?? [];
  const active = all.filter((image) => (image.Containers ?? 0) > 0);
  const counted = all.filter((image) => image.Containers !== 0 && image.Size !== -1 && (image.SharedSize ?? -1) !== -1);
  const used = sum(counted.map((image) => image.Size - (image.SharedSize ?? 0)));
  return row("Images", { total: all.length, active: active.length, size: LayersSize, free: LayersSize - used });
}

function containers({ Containers }: UsageReply): UsageRow {
  const all = Containers ?? [];
  const isActive = (state: string): boolean => ["running", "paused", "restarting"].includes(state.toLowerCase());
  const sizeOf = (list: typeof all): number => sum(list.map((container) => container.SizeRw ?? 0));
  const idle = all.filter((container) => !isActive(container.State));
  return row("Containers", { total: all.length, active: all.length - idle.length, size: sizeOf(all), free: sizeOf(idle) });
}

function volumes({ Volumes }: UsageReply): UsageRow {
  const all = (Volumes ?? []).map(({ UsageData }) => UsageData ?? { Size: -1, RefCount: -1 });
  const sizeOf = (list: typeof all): number => sum(list.map(({ Size }) => Math.max(0, Size)));
  const idle = all.filter(({ RefCount }) => RefCount === 0);
  const active = all.filter(({ RefCount }) => RefCount > 0).length;
  return row("Local Volumes", { total: all.length, active, size: sizeOf(all), free: sizeOf(idle) });
}

function cache({ BuildCache }: UsageReply): UsageRow {
  const all = BuildCache ?? [];
  const size = sum(all.map((entry) => (entry.Shared ? 0 : entry.Size)));
  const inUse = all.filter((entry) => entry.InUse);
  const free = size - sum(inUse.map((entry) => (entry.Shared ? 0 : entry.Size)));
  return { ...row("Build Cache", { total: all.length, active: inUse.length, size, free }), Reclaimable: formatSize(free) };
}

interface Counts {
  readonly total: number;
  readonly active: number;
  readonly size: number;
  readonly free: number;
}

function row(type: string, { total, active, size, free }: Counts): UsageRow {
  const share = size > 0 ? ` (${Math.trunc((free * 100) / size)}%)` : "";
  return {
    Active: String(active),
    Reclaimable: `${formatSize(free)}${share}`,
    Size: formatSize(size),
    TotalCount: String(total),
    Type: type,
  };
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0);
}
