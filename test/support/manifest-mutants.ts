// Documents of an image with one thing wrong, chosen by a seed: what registries and archives of all ages may hold.
import { json } from "./image-parts.ts";

const oddities: readonly unknown[] = [
  null,
  [],
  {},
  "",
  -1,
  0,
  1e308,
  2 ** 53,
  "sha256:",
  true,
  [null],
  { length: -1 },
  "\u0000",
  [[]],
  "x".repeat(5_000),
];

/** A generator of numbers below `end` that a seed decides. */
export function seeded(seed: number): (end: number) => number {
  let state = seed >>> 0 || 1;
  return (end) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % end;
  };
}

/** The document with one value replaced, removed, doubled or cut, somewhere in it. */
export function mutant(document: Uint8Array, next: (end: number) => number): Uint8Array<ArrayBuffer> {
  if (next(10) === 0) return new Uint8Array(document.slice(0, next(document.length)));
  const root = JSON.parse(new TextDecoder().decode(document)) as unknown;
  const places: (readonly [holder: Record<string, unknown>, key: string])[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      visit((value as Record<string, unknown>)[key]);
    }
  };
  visit(root);
  const [holder, key] = places[next(places.length)] ?? [];
  if (holder === undefined || key === undefined) return json(root);
  const value = holder[key];
  const choice = next(oddities.length + 2);
  if (choice === oddities.length) delete holder[key];
  else if (choice > oddities.length) holder[key] = Array.isArray(value) ? [...(value as unknown[]), ...(value as unknown[])] : [value];
  else holder[key] = oddities[choice];
  return json(root);
}
