import { fault } from "#base";
import { downgrade, knows } from "#wire";
import type { Call, Handlers } from "../call.ts";
import { summarizeImage } from "../views/image.ts";
import { volumeUsageView } from "../views/volume.ts";
import { encodeSummaries, unmeasured } from "../views/summaries.ts";

export const usageRoutes: Handlers<"systemUsage"> = { systemUsage: usage };

const kinds = ["container", "image", "volume", "build-cache"];

/** What was not asked for is null. There is no build cache yet. */
async function usage({ exchange, query, verbs, version }: Call<"systemUsage">): Promise<void> {
  const asked = knows(version, "typesOfUsage") && query.type.length > 0 ? query.type : kinds;
  for (const kind of asked) if (!kinds.includes(kind)) throw fault("invalid", `unknown object type: ${kind}`);
  const { layersSize, images, containers, volumes } = await verbs.system.diskUsage({
    images: asked.includes("image"),
    containers: asked.includes("container"),
    volumes: asked.includes("volume"),
  });
  const entries = containers?.map(({ listed, size = unmeasured }) => ({ listed, size, manifest: undefined }));
  const shown = images?.map(({ view, sharedSize }) => downgrade("imageUsage", summarizeImage(view, sharedSize), version));
  // The containers come encoded, so the others are put around them.
  const rest = {
    Volumes: volumes?.map(volumeUsageView) ?? null,
    BuildCache: asked.includes("build-cache") ? [] : null,
  };
  const before = JSON.stringify({ LayersSize: layersSize, Images: shown ?? null }).slice(0, -1);
  const middle =
    entries === undefined
      ? "null"
      : Buffer.from(encodeSummaries(entries, version, Date.now()))
          .toString()
          .trim();
  exchange.replyBytes(200, Buffer.from(`${before},"Containers":${middle},${JSON.stringify(rest).slice(1)}\n`));
}
