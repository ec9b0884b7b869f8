import { isDeepStrictEqual } from "node:util";
import type { Answer, Played } from "./play.ts";

/** An answer that Docker gave at these versions. */
export interface RecordedAnswer extends Answer {
  readonly step: string;
  readonly versions: readonly string[];
}

/** One scenario as Docker played it. */
export interface Recording {
  readonly engine: string;
  readonly answers: readonly RecordedAnswer[];
}

/** Answers that are the same at several versions stand there once. */
export function record(engine: string, plays: ReadonlyMap<string, readonly Played[]>): Recording {
  const answers: { step: string; versions: string[]; answer: Answer }[] = [];
  for (const [version, played] of plays) {
    for (const { step, answer } of played) {
      const same = answers.find((other) => other.step === step.title && isDeepStrictEqual(other.answer, answer));
      if (same === undefined) answers.push({ step: step.title, versions: [version], answer });
      else same.versions.push(version);
    }
  }
  const order = new Map([...plays.values()].flatMap((played) => played.map(({ step }, index) => [step.title, index] as const)));
  const sorted = answers.toSorted((left, right) => (order.get(left.step) ?? 0) - (order.get(right.step) ?? 0));
  return { engine, answers: sorted.map(({ step, versions, answer }) => ({ step, versions, ...answer })) };
}

/** @throws when Docker was never asked: record anew */
export function recordedAnswer({ answers }: Recording, step: string, version: string): Answer {
  const found = answers.find((answer) => answer.step === step && answer.versions.includes(version));
  if (found === undefined) throw new Error(`no recorded answer to ${JSON.stringify(step)} at ${version}: bun run record:docker`);
  const { status, headers, body } = found;
  return { status, headers, body };
}
