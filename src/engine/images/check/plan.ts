import type { Flaw, RepairStep } from "./flaw.ts";

/** What heals these flaws: first what is wrong goes, then blobs come, then layers are made of them. */
export function planRepair(flaws: readonly Flaw[]): readonly RepairStep[] {
  const because = ({ item, problem, reason }: Flaw, action: RepairStep["action"]): RepairStep => ({
    action,
    item,
    cause: reason === "" ? problem : `${problem}: ${reason}`,
  });
  const blobs = flaws.filter(({ item, problem }) => item.kind === "blob" && problem !== "unused");
  const layers = flaws.filter(({ item, problem }) => item.kind === "layer" && problem !== "unused");
  return [
    ...flaws.filter(({ problem }) => problem === "unused").map((flaw) => because(flaw, "remove")),
    ...blobs.filter(({ problem }) => problem === "damaged").map((flaw) => because(flaw, "drop")),
    ...blobs.map((flaw) => because(flaw, "fetch")),
    ...layers.map((flaw) => because(flaw, "unpack")),
  ];
}

/** One line a step: "#1 fetch blob sha256:...: missing". */
export function formatPlan(plan: readonly RepairStep[]): string {
  return plan.map(({ action, item, cause }, index) => `#${index + 1} ${action} ${item.kind} ${item.digest}: ${cause}\n`).join("");
}
