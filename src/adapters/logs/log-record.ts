// The monitor's log: one record a line, "TIME STREAM TAG CONTENT". TIME is RFC 3339 in UTC with nine digits, TAG is F where
// the process wrote a newline and P where it did not (yet). Fields before the content never hold a space.
import { type Instant, parseInstant } from "#base";
import type { LogEntry } from "#log";

const newline = 0x0a;
const space = 0x20;
const latin1 = new TextDecoder("latin1");
const secondsLength = "2026-01-01T00:00:00".length;

/** Which records are wanted, judged before anything is decoded. */
export interface RecordFilter {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly since?: Instant;
  readonly until?: Instant;
}

/** Reads records from chunks of a file; a record that a chunk cuts waits for the next. */
export class LogParser {
  readonly #filter: RecordFilter;
  #rest: Uint8Array = new Uint8Array(0);
  #second = "";
  #secondStart = 0n;
  #pastUntil = false;

  constructor(filter: RecordFilter) {
    this.#filter = filter;
  }

  /** True once a record lay behind `until`: nothing later is wanted. */
  get isPast(): boolean {
    return this.#pastUntil;
  }

  /** The wanted records that this chunk completes. The chunk's memory belongs to the entries from now on. */
  take(chunk: Uint8Array): readonly LogEntry[] {
    const bytes = this.#rest.length === 0 ? chunk : joined(this.#rest, chunk);
    const entries: LogEntry[] = [];
    let start = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      const entry = this.#read(bytes, start, end);
      if (entry !== undefined) entries.push(entry);
      start = end + 1;
    }
    this.#rest = bytes.subarray(start);
    return entries;
  }

  /** What a monitor that was killed left of its last record. */
  finish(): readonly LogEntry[] {
    const bytes = this.#rest;
    this.#rest = new Uint8Array(0);
    const entry = bytes.length === 0 ? undefined : this.#read(bytes, 0, bytes.length);
    return entry === undefined ? [] : [{ ...entry, partial: true }];
  }

  /** `end` is where the record's newline stands. A line that is no record is left out: only a monitor writes here. */
  #read(bytes: Uint8Array, start: number, end: number): LogEntry | undefined {
    const layout = layoutAt(bytes, start, end);
    if (layout === undefined || !this.#filter[layout.stream]) return undefined;
    const at = this.#instant(latin1.decode(bytes.subarray(start, layout.timeEnd)));
    if (at === undefined || (this.#filter.since !== undefined && at < this.#filter.since)) return undefined;
    if (this.#filter.until !== undefined && at > this.#filter.until) {
      this.#pastUntil = true;
      return undefined;
    }
    const { stream, partial, content } = layout;
    return { stream, at, bytes: bytes.subarray(content, partial ? end : end + 1), partial };
  }

  /** Most records share their second with the one before. */
  #instant(text: string): Instant | undefined {
    const second = text.slice(0, secondsLength);
    const fraction = /^\.(\d{9})\+00:00$/.exec(text.slice(secondsLength));
    if (fraction === null) return parseInstant(text);
    if (second !== this.#second) {
      const parsed = parseInstant(`${second}Z`);
      if (parsed === undefined) return undefined;
      this.#second = second;
      this.#secondStart = parsed;
    }
    return this.#secondStart + BigInt(fraction[1] ?? "0");
  }
}

interface RecordLayout {
  readonly timeEnd: number;
  readonly stream: "stdout" | "stderr";
  readonly partial: boolean;
  readonly content: number;
}

/** Where the fields of a record stand; undefined when it is none. */
export function layoutAt(bytes: Uint8Array, start: number, end: number): RecordLayout | undefined {
  const timeEnd = bytes.indexOf(space, start);
  const content = timeEnd + " stdout F ".length;
  if (timeEnd === -1 || content > end) return undefined;
  const word = latin1.decode(bytes.subarray(timeEnd + 1, content));
  const match = /^(stdout|stderr) ([FP]) $/.exec(word);
  if (match === null) return undefined;
  return { timeEnd, content, stream: match[1] === "stderr" ? "stderr" : "stdout", partial: match[2] === "P" };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
