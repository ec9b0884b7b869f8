import { isList, type Json } from "./names.ts";
import type { Answer } from "./play.ts";

/** One place in which two answers differ; undefined is absence. */
export interface Difference {
  /** JSON pointer into the answer: "/body/State/Pid". */
  readonly at: string;
  readonly docker: Json | undefined;
  readonly ours: Json | undefined;
}

/** Every place in which our answer is not Docker's. Lists of other lengths differ as a whole. */
export function compare(docker: Answer, ours: Answer): readonly Difference[] {
  const asJson = ({ status, headers, body }: Answer): Json => ({ status, headers, body });
  return differencesOf(asJson(docker), asJson(ours), "");
}

function differencesOf(docker: Json | undefined, ours: Json | undefined, at: string): readonly Difference[] {
  if (docker === undefined || ours === undefined) return docker === ours ? [] : [{ at, docker, ours }];
  if (isList(docker) && isList(ours) && docker.length === ours.length)
    return docker.flatMap((item, index) => differencesOf(item, ours[index], `${at}/${index}`));
  if (isObject(docker) && isObject(ours)) {
    const keys = new Set([...Object.keys(docker), ...Object.keys(ours)]);
    return [...keys].flatMap((key) => differencesOf(docker[key], ours[key], `${at}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`));
  }
  return Bun.deepEquals(docker, ours) ? [] : [{ at, docker, ours }];
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !isList(value);
}
