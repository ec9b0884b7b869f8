import { fault, now } from "#base";
import { apply, isUp, type Container } from "#container";
import type { ContainerVerbs, Reading } from "#engine";

interface Held {
  container: Container;
}

interface Parts<Record extends Held> {
  readonly find: (reference: string) => Record;
  readonly tell: (held: Record, action: string) => void;
}

/** What goes on in containers of the memory engine: they can be paused, and every one uses the same. */
export function memoryProcessVerbs<Record extends Held>({
  find,
  tell,
}: Parts<Record>): Pick<ContainerVerbs, "pause" | "unpause" | "top" | "usage" | "readings"> {
  return {
    pause: async (reference) => {
      const held = find(reference);
      const { id, state } = held.container;
      if (!isUp(state)) throw notRunning(id);
      refusePaused(held.container, `Container ${id} is already paused`);
      held.container = { ...held.container, state: apply(state, { type: "paused" }) };
      tell(held, "pause");
    },
    unpause: async (reference) => {
      const held = find(reference);
      const { id, state } = held.container;
      if (state.status !== "paused") throw fault("internal", `Container ${id} is not paused`);
      held.container = { ...held.container, state: apply(state, { type: "unpaused" }) };
      tell(held, "unpause");
    },
    top: async (reference, psArguments) => {
      const held = find(reference);
      if (!isUp(held.container.state)) throw notRunning(held.container.id);
      if (psArguments.includes("cmd")) throw fault("internal", "Couldn't find PID field in ps output");
      tell(held, "top");
      return { titles: ["PID", "CMD"], processes: psArguments === "empty" ? [] : [["42", "sleep 1000"]] };
    },
    usage: async (reference) => readingOf(find(reference).container),
    readings: async function* (reference) {
      yield readingOf(find(reference).container);
      yield readingOf(find(reference).container);
    },
  };
}

/** @throws conflict with these words when the container is paused */
export function refusePaused(container: Container, words: string): void {
  if (container.state.status === "paused") throw fault("conflict", words);
}

function notRunning(id: string): Error {
  return fault("conflict", `container ${id} is not running`);
}

/** A machine with two processors, on control groups of version 2. */
function readingOf({ state }: Container): Reading | undefined {
  if (!isUp(state)) return undefined;
  const throttling = { periods: 0n, throttled: 0n, time: 0n };
  const traffic = { bytes: 646n, packets: 7n, errors: 0n, dropped: 0n };
  return {
    usage: {
      at: now(),
      cpu: { total: 33_808_669n, kernel: 20_000_000n, user: 0n, machine: 2n ** 53n + 1n, processors: 2, throttling },
      memory: { current: 688_128n, limit: 4_000_000_000n, failures: 0n, counters: { inactive_file: 4096n } },
      block: { bytes: [{ major: 8n, minor: 0n, operation: "read", value: 4096n }] },
      pids: { current: 1n, limit: 2n ** 64n - 1n },
    },
    networks: [{ name: "eth0", received: traffic, sent: traffic }],
  };
}
