// The monitor's log: one record a line, "TIME STREAM TAG CONTENT". TIME is RFC 3339 in UTC with nine digits, TAG is F where
// the process wrote a newline and P where it did not (yet). Fields before the content never hold a space.
import { type Instant, parseInstant } from "#base";
import type { LogEntry } from "#log";

const newline = 0x0a;
const space = 0x20;
const zero = 0x30;
const latin1 = new TextDecoder("latin1");
const secondLength = "2026-01-01T00:00:00".length;
const fractionLength = ".000000000".length;
const utc = Buffer.from("+00:00");
const streamNames = { stdout: Buffer.from("stdout "), stderr: Buffer.from("stderr ") };
const tags = { full: Buffer.from("F "), piece: Buffer.from("P ") };

/** Which records are wanted, judged before anything is decoded. */
export interface RecordFilter {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly since?: Instant;
  readonly until?: Instant;
}

/** A record. Its time is put together for those who ask: few do, and there are many lines. */
class LogRecord implements LogEntry {
  readonly stream: LogEntry["stream"];
  readonly bytes: Uint8Array;
  readonly partial: boolean;
  readonly #second: Instant;
  readonly #nanoseconds: number;

  constructor(layout: RecordLayout, bytes: Uint8Array, time: { readonly second: Instant; readonly nanoseconds: number }) {
    this.stream = layout.stream;
    this.partial = layout.partial;
    this.bytes = bytes;
    this.#second = time.second;
    this.#nanoseconds = time.nanoseconds;
  }

  get at(): Instant {
    return this.#second + BigInt(this.#nanoseconds);
  }
}

/** Reads records from chunks of a file; a record that a chunk cuts waits for the next. */
export class LogParser {
  readonly #filter: RecordFilter;
  #rest: Uint8Array = new Uint8Array(0);
  /** The second of the last record as it was written, and what it is. */
  #secondText: Uint8Array = new Uint8Array(0);
  #second: Instant = 0n;
  #pastUntil = false;

  constructor(filter: RecordFilter) {
    this.#filter = filter;
  }

  /** True once a record lay behind `until`: nothing later is wanted. */
  get isPast(): boolean {
    return this.#pastUntil;
  }

  /**
   * The wanted records that this chunk completes, one at a time: somebody who reads slowly would hold an object a line. To be read to the end
   * before the next chunk. The chunk's memory belongs to the entries from now on.
   */
  *take(chunk: Uint8Array): Generator<LogEntry, void, void> {
    const bytes = this.#rest.length === 0 ? chunk : joined(this.#rest, chunk);
    let start = 0;
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, start)) {
      const entry = this.#read(bytes, start, end);
      if (entry !== undefined) yield entry;
      start = end + 1;
    }
    this.#rest = bytes.slice(start);
  }

  /** What a monitor that was killed left of its last record. */
  finish(): readonly LogEntry[] {
    const bytes = this.#rest;
    this.#rest = new Uint8Array(0);
    const entry = bytes.length === 0 ? undefined : this.#read(bytes, 0, bytes.length);
    return entry === undefined ? [] : [{ stream: entry.stream, at: entry.at, bytes: entry.bytes, partial: true }];
  }

  /** `end` is where the record's newline stands. A line that is no record is left out: only a monitor writes here. */
  #read(bytes: Uint8Array, start: number, end: number): LogEntry | undefined {
    const layout = layoutAt(bytes, start, end);
    if (layout === undefined || !this.#filter[layout.stream]) return undefined;
    const nanoseconds = this.#time(bytes, start, layout.timeEnd);
    if (nanoseconds === undefined) return undefined;
    const content = bytes.subarray(layout.content, layout.partial ? end : end + 1);
    const record = new LogRecord(layout, content, { second: this.#second, nanoseconds });
    const { since, until } = this.#filter;
    if (since !== undefined && record.at < since) return undefined;
    if (until === undefined || record.at <= until) return record;
    this.#pastUntil = true;
    return undefined;
  }

  /** Nanoseconds behind `#second`, which most records share with the one before; undefined for what is no time. */
  #time(bytes: Uint8Array, start: number, end: number): number | undefined {
    const fraction = start + secondLength;
    const isUsual = end === fraction + fractionLength + utc.length && stands(utc, bytes, fraction + fractionLength);
    if (isUsual && this.#secondText.length > 0 && stands(this.#secondText, bytes, start)) return digits(bytes, fraction + 1, 9);
    const at = parseInstant(latin1.decode(bytes.subarray(start, isUsual ? fraction : end)) + (isUsual ? "Z" : ""));
    if (at === undefined) return undefined;
    this.#second = at;
    this.#secondText = isUsual ? bytes.slice(start, fraction) : new Uint8Array(0);
    return isUsual ? digits(bytes, fraction + 1, 9) : 0;
  }
}

/** A number in so many digits; undefined where something else stands among them. */
function digits(bytes: Uint8Array, start: number, count: number): number | undefined {
  let number = 0;
  for (let at = start; at < start + count; at += 1) {
    const digit = (bytes[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number;
}

function stands(wanted: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let index = 0; index < wanted.length; index += 1) if (bytes[at + index] !== wanted[index]) return false;
  return true;
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
  const stream = stands(streamNames.stdout, bytes, timeEnd + 1) ? "stdout" : "stderr";
  if (stream === "stderr" && !stands(streamNames.stderr, bytes, timeEnd + 1)) return undefined;
  const partial = stands(tags.piece, bytes, content - tags.piece.length);
  if (!partial && !stands(tags.full, bytes, content - tags.full.length)) return undefined;
  return { timeEnd, content, stream, partial };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
