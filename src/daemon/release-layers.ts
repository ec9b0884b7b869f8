import { type Logger, messageOf } from "#base";
import { type Container, imagesOf, isActive, isLive } from "#container";
import type { ImageUser } from "#engine";
import type { Stores } from "./stores.ts";

interface Parts {
  readonly layers: Stores["layers"];
  readonly roster: { users(): readonly Container[] };
  readonly logger: Logger;
}

/** At the daemon's end: layers of live containers stay mounted for the next daemon, so that they are read into memory once. */
export async function releaseLayers({ layers, roster, logger }: Parts): Promise<void> {
  const used = roster.users().filter(({ state }) => isLive(state));
  try {
    await layers.release(used.flatMap(imagesOf).flatMap((image) => image.layers));
  } catch (error) {
    logger.warn("layers stay mounted", { error: messageOf(error) });
  }
}

/** What a container has of images, as those who remove images ask. */
export function usedImages(container: Container): readonly ImageUser[] {
  const { id: containerId, state } = container;
  return imagesOf(container).map((image) => ({ containerId, image, running: isActive(state) }));
}
