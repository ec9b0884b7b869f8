// The ways in which this machine can mount sealed layers, for suites that force each: none below Linux 6.4, and not everywhere a loop device.
import type { SealedMethod } from "#linux";
import { makeStorePlace } from "./store-place.ts";

async function canMount(method: SealedMethod): Promise<boolean> {
  await using place = await makeStorePlace();
  const found = await place.openLayers({ driver: "auto", method });
  return found.driver === "sealed";
}

const known: readonly SealedMethod[] = ["file", "loop"];
const can = await Promise.all(known.map(canMount));

export const sealedMethods: readonly SealedMethod[] = known.filter((_, index) => can[index]);
