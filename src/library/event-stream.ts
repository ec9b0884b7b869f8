import { BrokenReplyError, type DockerCalls, type EventReply, type Filters, UnreachableError } from "#client";
import { unixTime, type TimePoint } from "./time-point.ts";

export interface EventOptions {
  readonly since?: TimePoint;
  readonly until?: TimePoint;
  readonly filters?: Filters;
  /** Goes on after the daemon was restarted, with what happened meanwhile as far as the daemon remembers it. */
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
}

/** How long a daemon may be away before `resume` gives up, in milliseconds. */
const patience = 60_000;
const between = 100;

/** Events as they happen, until `until` or the signal. @throws BrokenReplyError when the daemon goes away, unless `resume` */
export async function* eventStream(calls: DockerCalls, options: EventOptions): AsyncGenerator<EventReply, void> {
  const { filters, resume = false, signal } = options;
  const until = options.until === undefined ? {} : { until: unixTime(options.until) };
  const seen = new LastMoment(options.since === undefined ? undefined : unixTime(options.since));
  if (resume) seen.begin();
  for (let lostAt: number | undefined; ; await pause(between, signal)) {
    try {
      const query = { ...(filters && { filters }), ...(seen.since !== undefined && { since: seen.since }), ...until };
      for await (const line of await calls.system.events(query)) {
        lostAt = undefined;
        const event = JSON.parse(line) as EventReply;
        if (seen.isNew(event, line)) yield event;
      }
      if (options.until !== undefined) return;
      throw new BrokenReplyError("the daemon has ended the stream of events");
    } catch (error) {
      const away = error instanceof BrokenReplyError || error instanceof UnreachableError;
      lostAt ??= performance.now();
      if (!resume || !away || performance.now() - lostAt > patience) throw error;
    }
  }
}

/** The moment of the newest event, and what was seen of it: a daemon that is asked for events since then tells those again. */
class LastMoment {
  since: string | undefined;
  #events = new Set<string>();

  constructor(since: string | undefined) {
    this.since = since;
  }

  /** From now on, unless a beginning was given. */
  begin(): void {
    this.since ??= unixTime(new Date());
  }

  isNew(event: EventReply, line: string): boolean {
    // Read from the text: as a number it would lose its last digits.
    const nanoseconds = /"timeNano":(\d{10,})/.exec(line)?.[1];
    if (nanoseconds === undefined) return true;
    const moment = `${nanoseconds.slice(0, -9)}.${nanoseconds.slice(-9)}`;
    const key = `${event.Type} ${event.Action} ${event.Actor.ID}`;
    if (moment !== this.since) {
      this.since = moment;
      this.#events = new Set();
    }
    if (this.#events.has(key)) return false;
    this.#events.add(key);
    return true;
  }
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
  signal?.throwIfAborted();
}
