// The door to the kernel workers. Calls on paths and mounts may take seconds or for ever, so the loop never makes them:
// it posts them to a worker. A worker that does not answer in time is written off and replaced, its call fails as
// unavailable, and calls that were queued behind it go to another.
import { fault } from "#base";
import type { CallTable, KernelCallName, KernelCalls, KernelReply } from "./kernel-calls.ts";
import { errorOf } from "./kernel-failure.ts";
import { startWorker } from "./worker-thread.ts";

interface Pending {
  readonly id: number;
  readonly name: string;
  readonly args: readonly unknown[];
  /** performance.now() of the call. */
  readonly since: number;
  readonly resolve: (value: never) => void;
  reject(error: Error): void;
}

interface Lane {
  readonly worker: Worker;
  current: Pending | undefined;
  timer: NodeJS.Timeout | undefined;
}

interface KernelOptions {
  /** The file of adapters/workers that runs the calls. */
  readonly worker: string;
  /** Workers kept when idle. */
  readonly lanes: number;
  /** Upper bound while calls hang. */
  readonly maxLanes: number;
  /** Milliseconds that a call waits behind others before a further worker is opened for it. */
  readonly haste: number;
  /** Milliseconds after which a call's worker is written off. */
  readonly patience: number;
}

/** Milliseconds that a lane beyond the usual number stays idle before it is closed. */
const surplusLife = 10_000;

/** How adapters run a kernel call; the real one posts to workers, the recording double in tests keeps the calls. */
export interface KernelPort {
  run<Name extends KernelCallName>(name: Name, ...args: Parameters<KernelCalls[Name]>): Promise<ReturnType<KernelCalls[Name]>>;
}

/**
 * Kernel workers behind a queue. `run` resolves with the call's result. @throws KernelError as the call failed;
 * unavailable when it hangs for longer than the options' patience
 */
export class Kernel<Calls extends CallTable = KernelCalls> implements AsyncDisposable {
  readonly #options: KernelOptions;
  readonly #lanes: Lane[] = [];
  readonly #queue: Pending[] = [];
  #hurry: NodeJS.Timeout | undefined;
  #nextId = 1;

  constructor(options: Partial<KernelOptions> = {}) {
    this.#options = { worker: "kernel", lanes: 2, maxLanes: 8, haste: 100, patience: 10_000, ...options };
  }

  run<Name extends keyof Calls & string>(name: Name, ...args: Parameters<Calls[Name]>): Promise<ReturnType<Calls[Name]>> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#queue.push({ id, name, args, since: performance.now(), resolve, reject });
      this.#dispatch();
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#hurry);
    for (const lane of this.#lanes.splice(0)) {
      clearTimeout(lane.timer);
      lane.worker.terminate();
    }
    return Promise.resolve();
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const lane = this.#idleLane();
      if (lane === undefined) return this.#hasten();
      const pending = this.#queue.shift();
      if (pending === undefined) return;
      this.#start(lane, pending);
    }
  }

  #idleLane(): Lane | undefined {
    const idle = this.#lanes.find((lane) => lane.current === undefined);
    if (idle !== undefined) return idle;
    return this.#lanes.length < this.#options.lanes ? this.#open() : undefined;
  }

  /** A burst of quick calls is done soonest by few workers (starting one costs more than a hundred calls); only a call that is kept waiting is worth another. */
  #hasten(): void {
    const [first] = this.#queue;
    if (first === undefined || this.#hurry !== undefined || this.#lanes.length >= this.#options.maxLanes) return;
    const left = Math.max(0, this.#options.haste - (performance.now() - first.since));
    this.#hurry = setTimeout(() => {
      this.#hurry = undefined;
      if (this.#queue[0] === first) this.#open();
      this.#dispatch();
    }, left);
  }

  #start(lane: Lane, pending: Pending): void {
    lane.current = pending;
    clearTimeout(lane.timer);
    lane.timer = setTimeout(() => this.#writeOff(lane), this.#options.patience);
    lane.worker.postMessage({ id: pending.id, name: pending.name, args: pending.args });
  }

  #open(): Lane {
    const worker = startWorker(this.#options.worker);
    const lane: Lane = { worker, current: undefined, timer: undefined };
    worker.addEventListener("message", (event: MessageEvent<KernelReply>) => this.#finish(lane, event.data));
    this.#lanes.push(lane);
    return lane;
  }

  #finish(lane: Lane, reply: KernelReply): void {
    const pending = lane.current;
    // Written off long ago; whoever asked has been told.
    if (pending === undefined) return lane.worker.terminate();
    if (pending.id !== reply.id) return;
    clearTimeout(lane.timer);
    lane.current = undefined;
    if ("failure" in reply) pending.reject(errorOf(reply.failure));
    else pending.resolve(reply.value as never);
    this.#dispatch();
    if (lane.current === undefined) lane.timer = setTimeout(() => this.#shrink(lane), surplusLife).unref();
  }

  #shrink(lane: Lane): void {
    if (this.#lanes.length <= this.#options.lanes) return;
    this.#lanes.splice(this.#lanes.indexOf(lane), 1);
    lane.worker.terminate();
  }

  #writeOff(lane: Lane): void {
    const pending = lane.current;
    this.#lanes.splice(this.#lanes.indexOf(lane), 1);
    lane.current = undefined;
    pending?.reject(
      fault("unavailable", `kernel call ${pending.name} did not return in ${this.#options.patience / 1000} s; its worker was written off`),
    );
    this.#dispatch();
  }
}
