import type { Kind } from "./kinds.ts";

/** One setting of the daemon: its key in daemon.json and its flag, what it may be, and what becomes of it. */
export interface Setting<T = unknown> {
  readonly kind: Kind<T>;
  /** One line, for `--help` and the reference. */
  readonly help: string;
  /** The flag's name where it is not the key; null for a key without a flag. */
  readonly flag?: string | null;
  readonly short?: string;
  /** What holds when nobody says anything, as help shows it. */
  readonly fallback?: string;
  /** SIGHUP applies a new value. */
  readonly reloads?: boolean;
  /** Accepted, left out of `--help`. */
  readonly hidden?: boolean;
  /** @throws Error in Docker's words for what is no value of this setting */
  check?(value: T): void;
  /** False for a value whose subsystem is not there: the start fails and names the setting. Absent: every value works. */
  supports?(value: T): boolean;
  /** What is different here, for the reference. */
  readonly note?: string;
}

/** Gives an entry of the table its type. */
export function setting<T>(kind: Kind<T>, help: string, details: Omit<Setting<T>, "kind" | "help"> = {}): Setting<T> {
  return { kind, help, ...details };
}
