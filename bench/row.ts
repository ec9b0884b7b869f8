import type { ToolPeer } from "../scripts/peers/tool-peer.ts";
import type { Engine } from "./engine.ts";

/** One figure, taken of every engine in turn. */
export interface Row {
  readonly id: string;
  readonly title: string;
  readonly unit: "ms" | "MB" | "calls" | "x";
  /** What a peer's figure must at least be, as a multiple of ours; absent where the bound is absolute. */
  readonly floor?: number;
  /** What ours may be at most. */
  readonly bound?: number;
  /** Samples an engine; 15, or 5 where a peer needs over 2 s. */
  readonly rounds?: number;
  /** What our layers must be; such a row is taken by its id alone, with others of the same driver. */
  readonly driver?: "sealed" | "directory";
  /** Leaves out the peers: the figure is about ours alone. */
  readonly alone?: boolean;
  /** Brings the engine to where the samples start; what it returns is disposed of after the last one. */
  readonly prepare?: (engine: Engine) => Promise<AsyncDisposable>;
  sample(engine: Engine): Promise<number>;
  /** The same of an engine without a daemon, where that means something; such figures are shown and count in no ratio. */
  readonly sampleTool?: (tool: ToolPeer) => Promise<number>;
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
