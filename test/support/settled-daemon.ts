// A daemon in an enclosure that has run its first container, so that all it keeps for good is there: from then on whatever more
// is found is a leak.
import { startDaemon, type TestDaemon } from "./daemon.ts";
import { openEnclosure, type Enclosure } from "./enclosure.ts";
import { loadImage } from "./images.ts";
import { leaksSince, takeInventory, type Inventory } from "./leaks.ts";

export interface SettledDaemon extends AsyncDisposable {
  readonly daemon: TestDaemon;
  readonly enclosure: Enclosure;
  /** What is there beyond the settled state; descriptors of the daemon count while it is the same process. */
  leaks(): Promise<string[]>;
}

interface SettledOptions {
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly program?: readonly string[];
  /** What the test does first, once: worker threads and idle connections that it brings up stay. */
  readonly settle?: (daemon: TestDaemon, enclosure: Enclosure) => Promise<void>;
}

/** With busybox and hello-world loaded. */
export async function startSettledDaemon({ settle, ...options }: SettledOptions = {}): Promise<SettledDaemon> {
  await using held = new AsyncDisposableStack();
  const enclosure = held.use(await openEnclosure());
  const daemon = held.use(await startDaemon({ ...options, enclosure }));
  await loadImage(daemon.place.socket, "busybox");
  await loadImage(daemon.place.socket, "hello-world");
  const first = await daemon.gantry(["run", "--rm", "-p", "127.0.0.1:9:9/udp", "busybox", "true"]);
  if (first.code !== 0) throw new Error(`first run: ${first.stderr}`);
  await settle?.(daemon, enclosure);
  const { pid } = daemon;
  const before = await settledInventory({ daemon, enclosure });
  const all = held.move();
  return {
    daemon,
    enclosure,
    async leaks(): Promise<string[]> {
      const scope = { place: daemon.place, enclosure, pids: daemon.pid === pid ? [pid] : [] };
      return await lasting(async () => (await leaksSince(before, scope, 0)).filter((line) => isOurs(line, daemon.pid)));
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/**
 * The daemon itself is no leak after a restart, what the test's own process has open is not the daemon's, and worker threads come
 * with their event loops when they are first needed.
 */
function isOurs(line: string, daemonPid: number): boolean {
  if (/^descriptor of \d+: anon_inode:\[event(?:fd|poll)\]$/.test(line)) return false;
  return !line.startsWith(`process ${daemonPid} `) && !line.startsWith(`descriptor of ${process.pid}:`);
}

/** What is still found after the reply's cleanup had 5 seconds. */
async function lasting(look: () => Promise<string[]>): Promise<string[]> {
  const end = performance.now() + 5_000;
  for (;;) {
    const found = await look();
    if (found.length === 0 || performance.now() > end) return found;
    await Bun.sleep(50);
  }
}

/** Once the first container is gone altogether, which the reply does not wait for. */
async function settledInventory({ daemon, enclosure }: Pick<SettledDaemon, "daemon" | "enclosure">): Promise<Inventory> {
  const scope = { place: daemon.place, enclosure, pids: [daemon.pid] };
  for (;;) {
    const before = await takeInventory(scope);
    await Bun.sleep(200);
    const after = await takeInventory(scope);
    const settled = [...before].every(([thing, count]) => !isOurs(thing, daemon.pid) || after.get(thing) === count);
    if (settled) return after;
  }
}
