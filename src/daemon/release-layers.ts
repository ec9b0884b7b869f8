import { type Logger, messageOf } from "#base";
import { type Container, isLive } from "#container";
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
    await layers.release(used.flatMap(({ image }) => image.layers));
  } catch (error) {
    logger.warn("layers stay mounted", { error: messageOf(error) });
  }
}
