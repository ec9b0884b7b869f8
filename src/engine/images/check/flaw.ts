import type { HeldItem } from "../holds.ts";

/**
 * Something stored that is not as it should be. `unknown`: a layer that cannot be judged without its blob. `unused`: nobody names it, which a
 * crash leaves and a start removes.
 */
export interface Flaw {
  readonly item: HeldItem;
  readonly problem: "missing" | "damaged" | "unknown" | "unused";
  /** What was seen. */
  readonly reason: string;
  /** Names of images and containers that need it. */
  readonly usedBy: readonly string[];
}

/** Something that heals, and the flaw that it is for. In order: a layer is made of a blob that an earlier step has brought. */
export interface RepairStep {
  readonly action: "drop" | "fetch" | "unpack" | "remove";
  readonly item: HeldItem;
  readonly cause: string;
}

/** What became of a step; the reason of one that failed. */
export interface RepairOutcome extends RepairStep {
  readonly failure?: string;
}

/** What reading everything that images keep has shown. */
export interface StoreReport {
  readonly blobs: number;
  readonly layers: number;
  /** Layers of those that could not be held against a blob, since nobody keeps it here. */
  readonly unjudged: number;
  readonly flaws: readonly Flaw[];
  /** The plan; nothing of it was done unless `outcomes` says so. */
  readonly plan: readonly RepairStep[];
  readonly outcomes: readonly RepairOutcome[];
}
