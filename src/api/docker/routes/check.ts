import { type CheckReport, lostRowName } from "#engine";
import type { Handlers } from "../call.ts";

/** What Docker does not have. */
export const checkRoutes: Handlers<"systemCheck"> = {
  systemCheck: async ({ exchange, query, verbs }) => {
    const heal = query.repair;
    exchange.reply(200, checkView(await verbs.system.check({ heal, signal: exchange.signal }), heal));
  },
};

function checkView({ blobs, layers, unjudged, flaws, plan, outcomes, database, lost }: CheckReport, heal: boolean): object {
  const rows = lost.map((row) => ({ Kind: "row", Digest: lostRowName(row), reason: `${row.reason} (kept in ${row.file})` }));
  return {
    Checked: { Blobs: blobs, Layers: layers, ...(unjudged > 0 && { Unjudged: unjudged }) },
    Database: database,
    Flaws: rows
      .map(({ reason, ...row }): object => ({ ...row, Problem: "lost", Reason: reason, UsedBy: [] }))
      .concat(
        flaws.map(({ item, problem, reason, usedBy }) => ({
          Kind: item.kind,
          Digest: item.digest,
          Problem: problem,
          Reason: reason,
          UsedBy: usedBy,
        })),
      ),
    Steps: rows
      .map(({ reason, ...row }): object => ({
        Action: "forget",
        ...row,
        Cause: `lost: ${reason}; what it was about goes`,
        Outcome: heal ? "done" : "planned",
      }))
      .concat(
        plan.map(({ action, item, cause }, index) => {
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
      ),
  };
}
