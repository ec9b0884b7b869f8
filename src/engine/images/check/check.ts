import type { ImageNeeds } from "../needs.ts";
import { sweep } from "../sweep.ts";
import type { StoreReport } from "./flaw.ts";
import { observe } from "./observe.ts";
import { planRepair } from "./plan.ts";
import { repair } from "./repair.ts";

/** Reads all that images keep, says what is wrong and what would heal it; with `heal` it does that. */
export async function checkStores(
  needs: ImageNeeds,
  { heal, signal }: { readonly heal: boolean; readonly signal: AbortSignal },
): Promise<StoreReport> {
  await using hold = needs.holds.open((taken) => sweep(needs, taken));
  const { wanted, ...observed } = await observe(needs, { hold, signal });
  const plan = planRepair(observed.flaws);
  return { ...observed, plan, outcomes: heal ? await repair(needs, plan, { wanted, signal }) : [] };
}
