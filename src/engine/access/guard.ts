// Between every server and the verbs: asks the policy before each call, and tells the audit of each call that changes something.
// Built once a connection, so that a request pays for one more function call.
import { EngineError, fault } from "#base";
import type { Verbs } from "../verbs.ts";
import { allow, type Policy } from "./allow.ts";
import { describeCaller, type Caller } from "./caller.ts";
import { rules, type Rule } from "./rules.ts";

/** One call of a verb that changes something. */
export interface AuditEntry {
  readonly caller: string;
  /** As `containers.start`. */
  readonly verb: string;
  readonly subject: string;
  /** "done", "denied", or the fault that it ended with; never a message, which may hold what the caller sent. */
  readonly outcome: string;
  readonly milliseconds: number;
}

interface Guards {
  readonly policy?: Policy;
  readonly audit: (entry: AuditEntry) => void;
}

type AnyVerb = (...args: readonly unknown[]) => unknown;
type Loose<Value> = Readonly<Record<string, Readonly<Record<string, Value>>>>;

/** The verbs as `caller` gets them. A verb without a rule is not among them. */
export function guardVerbs(verbs: Verbs, caller: Caller, { policy = allow, audit }: Guards): Verbs {
  const groups = Object.entries(rules as unknown as Loose<Rule>).map(([group, members]) => {
    const open = (verbs as unknown as Loose<AnyVerb>)[group];
    return [
      group,
      Object.fromEntries(Object.entries(members).map(([name, rule]) => [name, guarded(`${group}.${name}`, rule, open?.[name])])),
    ];
  });
  return Object.fromEntries(groups) as Verbs;

  function guarded(verb: string, rule: Rule, run: AnyVerb | undefined): AnyVerb {
    return (...args) => {
      const subject = rule.subject(...args);
      const began = rule.mutates ? performance.now() : 0;
      const settle = (outcome: string): void => {
        if (rule.mutates)
          audit({ caller: describeCaller(caller), verb, subject: subject.slice(0, 256), outcome, milliseconds: performance.now() - began });
      };
      if (run === undefined || !policy(caller, verb, { name: subject, request: args })) {
        settle("denied");
        throw fault("denied", `${verb} is not allowed to ${describeCaller(caller)}`);
      }
      return rule.mutates ? watch(() => run(...args), settle) : run(...args);
    };
  }
}

function watch(call: () => unknown, settle: (outcome: string) => void): unknown {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    settle(outcomeOf(error));
    throw error;
  }
  if (result instanceof Promise) {
    return result.then(
      (value: unknown) => {
        settle("done");
        return value;
      },
      (error: unknown) => {
        settle(outcomeOf(error));
        throw error;
      },
    );
  }
  if (isAsyncIterable(result)) return follow(result, settle);
  settle("done");
  return result;
}

/** Settles when the last piece was taken, or nobody wants more. */
async function* follow(pieces: AsyncIterable<unknown>, settle: (outcome: string) => void): AsyncGenerator {
  let outcome = "cancelled";
  try {
    yield* pieces;
    outcome = "done";
  } catch (error) {
    outcome = outcomeOf(error);
    throw error;
  } finally {
    settle(outcome);
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

function outcomeOf(error: unknown): string {
  return error instanceof EngineError ? error.fault : "internal";
}
