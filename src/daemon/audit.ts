import type { Logger } from "#base";
import type { AuditEntry } from "#engine";

/** Writes one line into the daemon's log for each call that changes something. */
export function auditTo(logger: Logger): (entry: AuditEntry) => void {
  return ({ caller, verb, subject, outcome, milliseconds }) =>
    logger.info("audit", { caller, verb, subject, outcome, ms: Math.round(milliseconds * 10) / 10 });
}
