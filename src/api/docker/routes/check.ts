import type { CheckReport } from "#engine";
import type { Handlers } from "../call.ts";

/** What Docker does not have. */
export const checkRoutes: Handlers<"systemCheck"> = {
  systemCheck: async ({ exchange, query, verbs }) => {
    exchange.reply(200, checkView(await verbs.system.check({ heal: query.repair, signal: exchange.signal })));
  },
};

function checkView({ blobs, layers, flaws, plan, outcomes, database }: CheckReport): object {
  return {
    Checked: { Blobs: blobs, Layers: layers },
    Database: database,
    Flaws: flaws.map(({ item, problem, reason, usedBy }) => ({
      Kind: item.kind,
      Digest: item.digest,
      Problem: problem,
      Reason: reason,
      UsedBy: usedBy,
    })),
    Steps: plan.map(({ action, item, cause }, index) => {
      const outcome = outcomes[index];
      return {
        Action: action,
        Kind: item.kind,
        Digest: item.digest,
        Cause: cause,
        Outcome: outcome === undefined ? "planned" : outcome.failure === undefined ? "done" : "failed",
        ...(outcome?.failure !== undefined && { Error: outcome.failure }),
      };
    }),
  };
}
