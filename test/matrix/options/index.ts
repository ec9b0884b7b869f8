import type { Option } from "../option.ts";
import { clientOptions } from "./client.ts";
import { fileOptions } from "./files.ts";
import { limitOptions } from "./limits.ts";
import { networkOptions } from "./network.ts";
import { surroundingOptions } from "./surroundings.ts";
import { wallOptions } from "./walls.ts";

export const options: readonly Option[] = [
  ...limitOptions,
  ...wallOptions,
  ...surroundingOptions,
  ...fileOptions,
  ...networkOptions,
  ...clientOptions,
];
