import { fault } from "#base";
import type { KernelPort, SealedMethod } from "#linux";
import { probeSealed } from "./sealed/probe.ts";
import type { LayerRecord } from "./store-message.ts";

/** What was asked for: "auto" seals where the machine can mount what is sealed. A method that is named is the only one tried. */
export interface WantedDriver {
  readonly driver: "auto" | "sealed" | "directory";
  readonly method?: SealedMethod;
}

export interface ChosenDriver {
  /** What new layers become. */
  readonly form: LayerRecord["form"];
  /** How sealed layers are mounted, also those of an earlier daemon with another driver; undefined: not at all. */
  readonly method: SealedMethod | undefined;
  /** For `info`. */
  readonly status: readonly (readonly [string, string])[];
}

/** Asks the machine. @throws unsupported when what is wanted is not to be had */
export async function chooseDriver(
  wanted: WantedDriver,
  place: { readonly folder: string; readonly kernel: KernelPort },
): Promise<ChosenDriver> {
  const methods = wanted.method === undefined ? (["file", "loop"] as const) : [wanted.method];
  const { method, refusals } = await probeSealed(place.folder, place.kernel, methods);
  const reasons = refusals.join("; ");
  if (wanted.driver === "directory") return { form: "tree", method, status: [] };
  if (method !== undefined) return { form: "sealed", method, status: [["layers are mounted by", method]] };
  if (wanted.driver === "sealed") throw fault("unsupported", `storage driver "sealed": this machine cannot mount a layer ${reasons}`);
  return { form: "tree", method, status: [["layers cannot be sealed", reasons]] };
}
