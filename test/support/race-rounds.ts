// Many clients that all want something else of the same few names at the same time. What each is answered is data; tests say what it may be.
import type { TestDaemon } from "./daemon.ts";

export interface RaceReport {
  readonly asked: number;
  /** Answers that name a failure of ours, with the request. */
  readonly failures: readonly string[];
  /** How often each status came. */
  readonly statuses: Readonly<Record<number, number>>;
}

interface RacePlan {
  readonly rounds: number;
  /** Decides what is asked: the same seed asks the same. */
  readonly seed: number;
  /** Milliseconds after which an answer is missing. */
  readonly patience?: number;
}

const names = ["one", "two"];
/** Requests that are under way at once within a round. */
const width = 8;
const json = { "content-type": "application/json" };

/** Docker answers an unpause of what is not paused with 500, and so do we. */
const ordinary = /is not paused"/;

type Ask = (name: string) => readonly { readonly method: string; readonly path: string; readonly body?: unknown }[];

/** What a client does with a name; the requests of one ask follow each other. */
const asks: readonly Ask[] = [
  (name) => [create(name), { method: "POST", path: `/containers/${name}/start` }],
  (name) => [create(name), { method: "POST", path: `/containers/${name}/start` }, { method: "POST", path: `/containers/${name}/stop?t=0` }],
  (name) => [{ method: "POST", path: `/containers/${name}/start` }],
  (name) => [{ method: "POST", path: `/containers/${name}/kill` }],
  (name) => [{ method: "POST", path: `/containers/${name}/restart?t=0` }],
  (name) => [{ method: "DELETE", path: `/containers/${name}?force=1` }],
  (name) => [{ method: "DELETE", path: `/containers/${name}` }],
  (name) => [
    { method: "POST", path: `/containers/${name}/pause` },
    { method: "POST", path: `/containers/${name}/unpause` },
  ],
  (name) => [{ method: "POST", path: `/containers/${name}/rename?name=${name === "one" ? "two" : "one"}` }],
  () => [{ method: "POST", path: "/containers/prune" }],
  (name) => [
    { method: "GET", path: `/containers/${name}/json` },
    { method: "GET", path: "/containers/json?all=1" },
  ],
  (name) => [{ method: "POST", path: `/containers/${name}/exec`, body: { Cmd: ["true"] } }],
];

function create(name: string): { readonly method: string; readonly path: string; readonly body: unknown } {
  const body = { Image: "busybox", Cmd: ["sleep", "1000"], HostConfig: { NetworkMode: name === "one" ? "bridge" : "none" } };
  return { method: "POST", path: `/containers/create?name=${name}`, body };
}

/** Asks in rounds; a round is over when all its requests are answered. */
export async function raceRounds(daemon: TestDaemon, { rounds, seed, patience = 60_000 }: RacePlan): Promise<RaceReport> {
  const next = numbersFrom(seed);
  const failures: string[] = [];
  const statuses: Record<number, number> = {};
  let asked = 0;
  for (let round = 0; round < rounds; round += 1) {
    const clients = Array.from({ length: width }, () => {
      const ask = asks[next() % asks.length] ?? (() => []);
      return ask(names[next() % names.length] ?? "");
    });
    await Promise.all(clients.map((requests) => converse(requests)));
  }
  return { asked, failures, statuses };

  async function converse(requests: ReturnType<Ask>): Promise<void> {
    for (const { method, path, body } of requests) {
      const init = {
        method,
        signal: AbortSignal.timeout(patience),
        ...(body !== undefined && { headers: json, body: JSON.stringify(body) }),
      };
      try {
        const reply = await daemon.request(path, init);
        const text = await reply.text();
        asked += 1;
        statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
        if (reply.status >= 500 && !ordinary.test(text)) failures.push(`${method} ${path}: ${reply.status} ${text}`);
        if (reply.status === 201 && path.endsWith("/exec")) await startExec((JSON.parse(text) as { readonly Id: string }).Id);
      } catch (error) {
        failures.push(`${method} ${path}: ${String(error)}`);
      }
    }
  }

  async function startExec(id: string): Promise<void> {
    await converse([{ method: "POST", path: `/exec/${id}/start`, body: { Detach: true } }]);
  }
}

/** Whole numbers below 2^31 (xorshift32). */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0x7fffffff;
  };
}
