import { describe, expect, test } from "bun:test";
import { EventHub } from "./event-hub.ts";

const event = { type: "container", action: "start", actorId: "x", attributes: {} } as const;

async function take(source: AsyncIterable<{ readonly number: number }>, count: number): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { number } of source) {
    numbers.push(number);
    if (numbers.length === count) break;
  }
  return numbers;
}

describe("EventHub", () => {
  test("gives every listener every event from the moment it listens, in order", async () => {
    const hub = new EventHub();
    hub.announce(event);
    const end = new AbortController();
    const first = hub.listen(end.signal);
    hub.announce(event);
    const second = hub.listen(end.signal);
    hub.announce(event);
    hub.announce(event);
    expect([await take(first, 3), await take(second, 2)]).toEqual([
      [2, 3, 4],
      [3, 4],
    ]);
    expect(hub.listeners).toBe(0);
  });

  test("ends a listener whose signal aborts, after what it has not read yet", async () => {
    const hub = new EventHub();
    const end = new AbortController();
    const events = hub.listen(end.signal);
    hub.announce(event);
    end.abort();
    expect(await take(events, 9)).toEqual([1]);
  });

  test("cuts a listener that lags, and says so, while others go on", async () => {
    const hub = new EventHub();
    const end = new AbortController();
    const slow = hub.listen(end.signal);
    for (let count = 0; count < 5000; count++) hub.announce(event);
    const failed = take(slow, 5000);
    expect(failed).rejects.toThrow("behind");
    await failed.catch(() => undefined);
    const fresh = hub.listen(end.signal);
    hub.announce(event);
    expect(await take(fresh, 1)).toEqual([5001]);
  });
});
