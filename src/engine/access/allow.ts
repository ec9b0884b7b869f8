import type { Caller } from "./caller.ts";

/** What a verb is asked to do. `request` is exactly what the verb will get: a policy sees no less than the engine acts on (row E04). */
export interface Subject {
  readonly name: string;
  readonly request: readonly unknown[];
}

/** Says whether `caller` may. It is asked before every call of every verb, and answers at once. */
export type Policy = (caller: Caller, verb: string, subject: Subject) => boolean;

/** Today: whoever was let in by the socket's mode or by a certificate may do everything. What policies decide by is handed over already. */
export const allow: Policy = () => true;
