/** One request of the table. `{name}` in the path and the body stands for a value that an earlier step kept. */
export interface Step {
  /** Unique in its scenario; names the answer in the fixture. */
  readonly title: string;
  /** "POST /containers/create?name=one", without a version. */
  readonly ask: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Fields of the reply that later steps need, by the name they get. */
  readonly keep?: Readonly<Record<string, string>>;
  /** How the body is read; "auto" is JSON where the Content-Type says so. */
  readonly reads?: "auto" | "lines" | "log" | "frames" | "raw";
  /** Asks for an upgrade and talks: what is said on standard input, and then its end. */
  readonly talks?: string;
  /** The answer is awaited at the end of the scenario; the next step comes when its head is there. */
  readonly meanwhile?: boolean;
  /** Below this version not even the head comes before the end. */
  readonly silentBefore?: string;
  /** Only the head is looked at: the body never ends. */
  readonly headOnly?: boolean;
  /** Asked again until the answer holds this. */
  readonly until?: string;
  /** Pointers below which only the types count: figures of the machine. */
  readonly shape?: readonly string[];
  /** What is in the way of the scenario and of no interest. */
  readonly unheld?: boolean;
}

/** Requests in an order that has a meaning; each leaves the engine as it found it. */
export interface Scenario {
  readonly name: string;
  /** API versions that it is played at. */
  readonly versions: readonly string[];
  readonly steps: readonly Step[];
}

export const newest = ["1.51"] as const;
/** Where Docker changed much: the oldest, and what long-lived distributions shipped. */
export const sample = ["1.51", "1.47", "1.44", "1.41", "1.24"] as const;

/** A filters parameter; "{name}" stays what a step fills in. */
export function filters(wanted: Readonly<Record<string, readonly string[]>>): string {
  return `filters=${encodeURIComponent(JSON.stringify(wanted)).replaceAll(/%7B(\w+)%7D/g, "{$1}")}`;
}
