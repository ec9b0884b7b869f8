import type { LayerStore } from "#image";
import type { ImageVerbs, ImageView } from "../images/verbs.ts";
import type { ContainerVerbs, DiskUsage, DiskUsageQuery, ImageUsage } from "../verbs.ts";
import type { VolumeVerbs } from "../volumes/verbs.ts";

interface Needs {
  readonly containers: Pick<ContainerVerbs, "list" | "sizes">;
  readonly images: Pick<ImageVerbs, "list" | "storedBytes">;
  readonly layers: Pick<LayerStore, "list">;
  readonly volumes: Pick<VolumeVerbs, "usage">;
}

/** What is kept on disk: containers and volumes are measured, images are counted by their records. */
export async function diskUsage(needs: Needs, { containers, images, volumes }: DiskUsageQuery): Promise<DiskUsage> {
  const [imageUsage, layersSize, containerUsage, volumeUsage] = await Promise.all([
    images ? imagesWithShares(needs) : undefined,
    images ? needs.images.storedBytes() : 0,
    containers ? containersWithSizes(needs) : undefined,
    volumes ? needs.volumes.usage() : undefined,
  ]);
  return {
    layersSize,
    ...(imageUsage !== undefined && { images: imageUsage }),
    ...(containerUsage !== undefined && { containers: containerUsage }),
    ...(volumeUsage !== undefined && { volumes: volumeUsage }),
  };
}

async function containersWithSizes({ containers }: Needs): Promise<NonNullable<DiskUsage["containers"]>> {
  const listed = containers.list({ all: true, filters: {} });
  const sizes = await containers.sizes(listed.map(({ container }) => container.id));
  return listed.map((entry, index) => ({ listed: entry, size: sizes[index] }));
}

/** What an image shares is the layers that another image has too. */
async function imagesWithShares({ images, layers }: Needs): Promise<readonly ImageUsage[]> {
  const sizes = new Map((await layers.list()).map(({ diffId, size }) => [diffId, size]));
  const views = images.list({});
  const counts = new Map<string, number>();
  for (const view of views) for (const layer of layersOf(view)) counts.set(layer, (counts.get(layer) ?? 0) + 1);
  return views.map((view) => {
    const shared = [...layersOf(view)].filter((layer) => (counts.get(layer) ?? 0) > 1);
    return { view, sharedSize: shared.reduce((sum, layer) => sum + (sizes.get(layer) ?? 0), 0) };
  });
}

function layersOf({ manifest }: ImageView): ReadonlySet<ImageView["manifest"]["diffIds"][number]> {
  return new Set(manifest.diffIds);
}
