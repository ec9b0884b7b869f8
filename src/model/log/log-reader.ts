import type { Instant } from "#base";

export interface LogQuery {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  /** How many lines from the end; undefined is all. */
  readonly tail?: number;
  readonly since?: Instant;
  readonly until?: Instant;
}

/** A piece of a line: `partial` pieces belong together until one that is not. Bytes hold the newline where there was one. */
export interface LogEntry {
  readonly stream: "stdout" | "stderr";
  readonly at: Instant;
  readonly bytes: Uint8Array;
  readonly partial: boolean;
}

/**
 * Reads a container's log from its file, never from the attach socket.
 *
 * `read` yields batches in the order of writing; each is to be read once and to its end before the next is asked for. With `follow` it goes on until `ended` resolves and the file is read to its end,
 * or the signal aborts. A line is never lost, split or doubled by a rotation that happens meanwhile.
 */
export interface LogReader {
  read(
    path: string,
    query: LogQuery,
    options: { readonly ended: Promise<void>; readonly signal: AbortSignal },
  ): AsyncIterable<Iterable<LogEntry>>;
}
