import { fault } from "#base";

type Step = { readonly kind: "star" } | { readonly kind: "one"; readonly fits: (char: string) => boolean };

/**
 * Shell pattern over a whole text: * and ? stop at a slash, [a-z] and [^a-z] are classes, \ quotes (Go's path.Match). Takes time
 * in the product of both lengths at most. @throws invalid for a broken pattern
 */
export function matchPattern(pattern: string, text: string): boolean {
  const segments = parsePattern(pattern);
  const parts = text.split("/");
  return segments.length === parts.length && segments.every((steps, index) => matchSegment(steps, parts[index] ?? ""));
}

/** Backtracks to the last star alone: what an earlier one could give up, the last can take. */
function matchSegment(steps: readonly Step[], text: string): boolean {
  let step = 0;
  let retryStep = -1;
  let retryAt = 0;
  let at = 0;
  while (at < text.length) {
    const current = steps[step];
    if (current?.kind === "one" && current.fits(text.charAt(at))) {
      step += 1;
      at += 1;
    } else if (current?.kind === "star") {
      step += 1;
      retryStep = step;
      retryAt = at;
    } else if (retryStep !== -1) {
      retryAt += 1;
      step = retryStep;
      at = retryAt;
    } else return false;
  }
  return steps.slice(step).every(({ kind }) => kind === "star");
}

function parsePattern(pattern: string): readonly (readonly Step[])[] {
  const segments: Step[][] = [[]];
  for (let index = 0; index < pattern.length; index += 1) {
    const char = pattern.charAt(index);
    if (char === "/") segments.push([]);
    else if (char === "*") segments.at(-1)?.push({ kind: "star" });
    else if (char === "?") segments.at(-1)?.push({ kind: "one", fits: () => true });
    else if (char === "[") {
      const end = pattern.indexOf("]", index + 2);
      if (end === -1) throw fault("invalid", "syntax error in pattern");
      segments.at(-1)?.push({ kind: "one", fits: characterClass(pattern.slice(index + 1, end)) });
      index = end;
    } else {
      if (char === "\\") index += 1;
      const literal = pattern.charAt(index);
      if (literal === "") throw fault("invalid", "syntax error in pattern");
      segments.at(-1)?.push({ kind: "one", fits: (other) => other === literal });
    }
  }
  return segments;
}

function characterClass(body: string): (char: string) => boolean {
  const negated = body.startsWith("^");
  const members = [...(negated ? body.slice(1) : body).matchAll(/([^])-([^])|([^])/g)].map(([, low, high, single]) => ({
    low: low ?? single ?? "",
    high: high ?? single ?? "",
  }));
  return (char) => members.some(({ low, high }) => low <= char && char <= high) !== negated;
}
