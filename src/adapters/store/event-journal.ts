// Events as lines of JSON behind each other, in two files: when the newer one is full it becomes the older one. Written as fast as the disk
// takes it and never synced; a line that a crash cut off is passed over.
import { appendFile, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Logger, messageOf } from "#base";
import { type EngineEvent, type EventJournal, eventsKept } from "#event";
import { hasCode } from "#linux";

interface JournalOptions {
  /** Where the two files lie. */
  readonly folder: string;
  readonly logger: Pick<Logger, "error">;
}

/** An event on disk; `at` in decimal, since JSON's numbers lose its last digits. */
type Line = Omit<EngineEvent, "at"> & { readonly at: string };

/** See the port. Disposing writes what is still open. */
export class FileEventJournal implements EventJournal, AsyncDisposable {
  readonly last: number;
  readonly #options: JournalOptions;
  /** Lines in the newer file. */
  #lines: number;
  /** True when the newer file ends inside a line. */
  #torn: boolean;
  #isFailing = false;
  #waiting: EngineEvent[] = [];
  #work: Promise<void> = Promise.resolve();

  private constructor(options: JournalOptions, found: { readonly last: number; readonly lines: number; readonly torn: boolean }) {
    this.#options = options;
    this.last = found.last;
    this.#lines = found.lines;
    this.#torn = found.torn;
  }

  static async open(options: JournalOptions): Promise<FileEventJournal> {
    const [older, newer] = await Promise.all([readText(olderPath(options)), readText(newerPath(options))]);
    // Numbers and lines are all that a start needs to know; the events are read when somebody asks for them.
    const last = lastNumber(newer) ?? lastNumber(older) ?? 0;
    return new FileEventJournal(options, { last, lines: newer.split("\n").length - 1, torn: newer !== "" && !newer.endsWith("\n") });
  }

  append(event: EngineEvent): void {
    // The first of a turn takes along those that follow it; while a write is under way, the next one gathers.
    if (this.#waiting.push(event) === 1) this.#work = this.#work.then(() => this.#write());
    // A disk that hangs must not fill the memory; older ones would not be kept anyway.
    if (this.#waiting.length > 2 * eventsKept) this.#waiting.splice(0, eventsKept);
  }

  async earlier(): Promise<readonly EngineEvent[]> {
    let events: readonly EngineEvent[] = [];
    const reading = this.#work.then(async () => {
      const texts = [await readText(olderPath(this.#options)), await readText(newerPath(this.#options))];
      events = texts.flatMap(eventsOf).filter(({ number }) => number <= this.last);
    });
    // Between two writes: the files do not change their names meanwhile.
    this.#work = reading.catch(() => undefined);
    await reading;
    return events.slice(-eventsKept);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#work;
  }

  async #write(): Promise<void> {
    const events = this.#waiting;
    this.#waiting = [];
    try {
      if (this.#lines >= eventsKept) {
        await rename(newerPath(this.#options), olderPath(this.#options));
        this.#lines = 0;
        this.#torn = false;
      }
      this.#lines += events.length;
      await appendFile(newerPath(this.#options), `${this.#torn ? "\n" : ""}${events.map(lineOf).join("")}`, { mode: 0o600 });
      this.#torn = false;
      this.#isFailing = false;
    } catch (error) {
      // What happened has happened: the disk's trouble must not undo it, and is told of once.
      this.#torn = true;
      if (!this.#isFailing) this.#options.logger.error("events are not written", { error: messageOf(error) });
      this.#isFailing = true;
    }
  }
}

function olderPath({ folder }: JournalOptions): string {
  return join(folder, "events.old.jsonl");
}

function newerPath({ folder }: JournalOptions): string {
  return join(folder, "events.jsonl");
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return "";
    throw error;
  }
}

function lineOf(event: EngineEvent): string {
  return `${JSON.stringify({ ...event, at: event.at.toString() } satisfies Line)}\n`;
}

function eventsOf(text: string): readonly EngineEvent[] {
  return text.split("\n").flatMap((line) => readLine(line) ?? []);
}

function lastNumber(text: string): number | undefined {
  for (let end = text.length; end > 0;) {
    const begin = text.lastIndexOf("\n", end - 1) + 1;
    const event = readLine(text.slice(begin, end));
    if (event !== undefined) return event.number;
    end = begin - 1;
  }
  return undefined;
}

function readLine(text: string): EngineEvent | undefined {
  if (!text.startsWith("{") || !text.endsWith("}")) return undefined;
  try {
    const line = JSON.parse(text) as Partial<Line>;
    return typeof line.number === "number" ? { ...(line as Line), at: BigInt(line.at ?? "") } : undefined;
  } catch {
    return undefined; // cut off by a crash
  }
}
