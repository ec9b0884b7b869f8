// Events to many listeners.
import { ask, type Engine } from "./engine.ts";
import { timed, type Row } from "./row.ts";

const listeners = 200;
const events = 1_000;

/** Resolves once every listener has its line for each of the events; one that ends early is a lost event and throws. */
async function listen(engine: Engine, ready: () => void): Promise<void> {
  const filters = encodeURIComponent(JSON.stringify({ event: ["tag"] }));
  const reply = await fetch(`http://localhost/v1.41/events?filters=${filters}`, { unix: engine.socket });
  const reader = (reply.body as ReadableStream<Uint8Array>).getReader();
  ready();
  for (let seen = 0; seen < events;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${engine.name}: events ended after ${seen} of ${events}`);
    for (let at = value.indexOf(10); at !== -1; at = value.indexOf(10, at + 1)) seen++;
  }
  await reader.cancel();
}

async function fanOut(engine: Engine): Promise<number> {
  const listening: Promise<void>[] = [];
  const open: Promise<void>[] = [];
  for (let count = 0; count < listeners; count++) {
    open.push(new Promise((ready) => listening.push(listen(engine, ready))));
  }
  await Promise.all(open);
  return timed(async () => {
    for (let count = 0; count < events; count++) await ask(engine, "POST", `/images/busybox/tag?repo=busybox&tag=told`);
    await Promise.all(listening);
  });
}

export const eventRows: readonly Row[] = [
  { id: "L5", title: `${events} events to ${listeners} listeners, none lost`, unit: "ms", rounds: 3, sample: fanOut },
];
