import { describe, expect, test } from "bun:test";
import { type EngineEvent, type EventJournal, eventsKept } from "#event";
import { EventHub } from "./event-hub.ts";

const event = { type: "container", action: "start", actorId: "x", attributes: {} } as const;
const never = new AbortController().signal;

async function take(source: AsyncIterable<readonly EngineEvent[]>, count: number): Promise<number[]> {
  const numbers: number[] = [];
  for await (const events of source) {
    for (const { number } of events) numbers.push(number);
    if (numbers.length >= count) break;
  }
  return numbers;
}

function announce(hub: EventHub, count: number): void {
  for (let done = 0; done < count; done += 1) hub.announce(event);
}

function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** A journal with the events of an earlier daemon, a second apart from the epoch on. */
function journalOf(count: number): EventJournal & { readonly appended: EngineEvent[] } {
  const earlier = numbers(1, count).map((number) => ({ ...event, number, at: BigInt(number) * 1_000_000_000n }));
  const appended: EngineEvent[] = [];
  return { last: count, appended, append: (added) => void appended.push(added), earlier: () => Promise.resolve(earlier) };
}

describe("EventHub", () => {
  test("gives every listener every event from the moment it listens, in order", async () => {
    const hub = new EventHub();
    hub.announce(event);
    const first = hub.listen({}, never);
    hub.announce(event);
    const second = hub.listen({}, never);
    announce(hub, 2);
    expect([await take(first, 3), await take(second, 2)]).toEqual([
      [2, 3, 4],
      [3, 4],
    ]);
    expect(hub.listeners).toBe(0);
  });

  test("wakes listeners that wait, with what came in one turn together", async () => {
    const hub = new EventHub();
    const portions: number[] = [];
    const listening = (async () => {
      for await (const events of hub.listen({}, never)) {
        portions.push(events.length);
        if (events.at(-1)?.number === 5) return;
      }
    })();
    await Promise.resolve();
    announce(hub, 5);
    await listening;
    expect(portions).toEqual([5]);
  });

  test("ends a listener whose signal aborts, after what it has not read yet", async () => {
    const hub = new EventHub();
    const end = new AbortController();
    const events = hub.listen({}, end.signal);
    hub.announce(event);
    end.abort();
    expect(await take(events, 9)).toEqual([1]);
  });

  test("wakes a waiting listener whose signal aborts", async () => {
    const hub = new EventHub();
    const end = new AbortController();
    const taken = take(hub.listen({}, end.signal), 1);
    await Promise.resolve();
    end.abort();
    expect(await taken).toEqual([]);
    expect(hub.listeners).toBe(0);
  });

  test("keeps 10,000 events for a listener that lags, cuts one that lags more, and lets others go on", async () => {
    const hub = new EventHub();
    const lagging = hub.listen({}, never);
    const late = hub.listen({}, never);
    announce(hub, eventsKept);
    expect(await take(lagging, eventsKept)).toEqual(numbers(1, eventsKept));
    announce(hub, eventsKept);
    const failed = take(late, 1);
    expect(failed).rejects.toThrow("behind");
    await failed.catch(() => undefined);
    const fresh = hub.listen({}, never);
    hub.announce(event);
    expect(await take(fresh, 1)).toEqual([2 * eventsKept + 1]);
  });

  test("begins with what a span asks for and goes on without a gap or a double", async () => {
    const hub = new EventHub(journalOf(5));
    announce(hub, 2);
    const listening = hub.listen({ since: 4_000_000_000n }, never);
    announce(hub, 2);
    expect(await take(listening, 6)).toEqual([4, 5, 6, 7, 8, 9]);
  });

  test("ends a span that is over with what is kept of it", async () => {
    const hub = new EventHub(journalOf(5));
    hub.announce(event);
    expect(await take(hub.listen({ since: 2_000_000_000n, until: 4_000_000_000n }, never), 99)).toEqual([2, 3, 4]);
    expect(await take(hub.listen({ until: 2_500_000_000n }, never), 99)).toEqual([1, 2]);
    expect(hub.listeners).toBe(0);
  });

  test("goes on numbering where the journal ends, and tells the journal of every event", () => {
    const journal = journalOf(5);
    const hub = new EventHub(journal);
    announce(hub, 2);
    expect(journal.appended.map(({ number }) => number)).toEqual([6, 7]);
  });

  test("recalls of an earlier daemon only as many as make 10,000 with its own", async () => {
    const hub = new EventHub(journalOf(eventsKept));
    announce(hub, 10);
    const span = { since: 0n, until: BigInt(Number.MAX_SAFE_INTEGER) * 1000n };
    expect(await take(hub.listen(span, never), eventsKept)).toEqual(numbers(11, eventsKept + 10));
  });
});
