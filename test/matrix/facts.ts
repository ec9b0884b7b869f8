// What is known of one case: short names and values, the same on every machine and at every run where they mean the same.

export type Facts = Readonly<Record<string, string>>;

export class Reading {
  readonly #facts: Record<string, string> = {};
  readonly #spell: (text: string) => string;

  constructor(spell: (text: string) => string) {
    this.#spell = spell;
  }

  get facts(): Facts {
    return Object.fromEntries(Object.entries(this.#facts).toSorted(([left], [right]) => (left < right ? -1 : 1)));
  }

  /** Nothing is no fact. */
  add(name: string, value: string): void {
    const key = this.#spell(name);
    const text = this.#spell(value).trim();
    if (text === "") return;
    const before = this.#facts[key];
    this.#facts[key] = before === undefined ? text : `${before} | ${text}`;
  }
}

/** What a case has that the plain one has not, by fact; null is what it lacks. */
export type Change = Readonly<Record<string, string | null>>;

export function changeFrom(plain: Facts, facts: Facts): Change {
  const names = [...new Set([...Object.keys(plain), ...Object.keys(facts)])].toSorted();
  return Object.fromEntries(names.filter((name) => plain[name] !== facts[name]).map((name) => [name, facts[name] ?? null]));
}

export function applyChange(plain: Facts, change: Change): Facts {
  const all = Object.entries({ ...plain, ...change });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== null));
}

export interface FactDifference {
  readonly fact: string;
  readonly docker: string | undefined;
  readonly ours: string | undefined;
}

/** Where the client ended otherwise, or only one of the containers is there, nothing else is worth a look. */
export function compareFacts(docker: Facts, ours: Facts): readonly FactDifference[] {
  const changed = Object.keys(changeFrom(docker, ours));
  const first = ["exit", "kept"].find((fact) => changed.includes(fact));
  const worth = first === undefined ? changed : [first, "stderr"];
  return worth.filter((fact) => changed.includes(fact)).map((fact) => ({ fact, docker: docker[fact], ours: ours[fact] }));
}
