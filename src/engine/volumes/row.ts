import type { Volume } from "#volume";

/** A volume as the state database keeps it. */
export interface VolumeRow {
  readonly version: 1;
  readonly volume: Volume;
}
