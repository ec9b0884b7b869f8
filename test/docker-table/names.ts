// Gives what differs from run to run a name: ids, times, addresses, figures. Their type, their place and which of them are the same stay.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Names of one scenario: an id is called by the place that showed it first, in all its answers. */
export class Names {
  readonly #ids = new Map<string, string>();
  /** How many ids a place showed first. */
  readonly #firsts = new Map<string, number>();
  #step = "";
  readonly #places: readonly (readonly [string, string])[];

  /** `places`: texts of this engine (its data root), longest first, and what to call them. */
  constructor(places: readonly (readonly [string, string])[]) {
    this.#places = places;
  }

  /** Ids that are met from here on are called after this step. */
  enter(step: string): void {
    this.#step = step;
  }

  /** A document with names in it. Members are visited in the order of their keys, so that ids are met alike. */
  document(value: Json, key = ""): Json {
    if (typeof value === "string") return this.#member(value, key);
    if (typeof value === "number") return numberName(value, key);
    if (value === null || typeof value === "boolean") return value;
    // Docker's ports come out of a map, in any order.
    if (isList(value) && key === "Ports")
      return value.map((item) => this.document(item)).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    if (isList(value)) return value.map((item) => this.document(item, key));
    const sorted = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return Object.fromEntries(sorted.map(([name, member]) => [this.text(name), this.document(member, name)]));
  }

  text(text: string, key = "text"): string {
    const placed = this.#places.reduce((so, [place, name]) => so.replaceAll(place, name), text);
    return placed
      .replaceAll(/[0-9a-f]{64}/g, (id) => this.#idName(id, key))
      .replaceAll(/(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])/g, (id) => this.#shortName(id))
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z(?= )/g, "<nine-digit time>")
      .replaceAll(/(?!0001-)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, "<time>")
      .replaceAll(/\b(Up|Exited \(\d+\)) (?:Less than a second|\d+ seconds?)/g, "$1 <duration>")
      .replaceAll(/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, "<mac>");
  }

  #member(text: string, key: string): string {
    if (text !== "" && /^(?:IPAddress|Gateway)$/.test(key)) return "<address>";
    if (key === "HostPort" && text !== "") return "<port>";
    if (key === "SandboxKey" && text !== "") return "<path>";
    return this.text(text, key);
  }

  #idName(id: string, key: string): string {
    const known = this.#ids.get(id);
    if (known !== undefined) return known;
    const place = `${key} of ${this.#step}`;
    const number = (this.#firsts.get(place) ?? 0) + 1;
    this.#firsts.set(place, number);
    const name = number === 1 ? `<${place}>` : `<${place}, ${number}>`;
    this.#ids.set(id, name);
    return name;
  }

  #shortName(short: string): string {
    const whole = [...this.#ids].find(([id]) => id.startsWith(short));
    return whole === undefined ? short : whole[1].replace("<", "<short ");
  }
}

/** Types in place of values; a list says which shapes its items have. */
export function shapeOf(value: Json): Json {
  if (value === null) return "<null>";
  if (isList(value)) return [...new Map(value.map(shapeOf).map((shape) => [JSON.stringify(shape), shape])).values()];
  if (typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shapeOf(member)]));
  return `<${typeof value}>`;
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

const measured: Readonly<Record<string, string>> = {
  Pid: "<pid>",
  Created: "<seconds>",
  time: "<seconds>",
  timeNano: "<nanoseconds>",
  IPPrefixLen: "<bits>",
  PublicPort: "<port>",
};

/** Sizes count bytes of files, which each store lays out in its own way; what is zero or -1 says something. */
function numberName(value: number, key: string): Json {
  if (value <= 0) return value;
  if (/^(?:Size|SizeRw|SizeRootFs|VirtualSize|LayersSize|SpaceReclaimed|SharedSize)$/.test(key)) return "<bytes>";
  return measured[key] ?? value;
}
