// The daemon's side of the store threads. A thread starts with the first job that finds none idle, and ends when it had nothing to do for a while
// (an idle one costs 1.7 MB). Jobs are spread by how many a thread has, but a thread unpacks one layer at a time: those that wait go to whichever is
// ready first, and what a pull may hold in memory is bounded by the threads, whatever its layers.
import { EngineError, fault } from "#base";
import { startWorker } from "#linux";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { sealedFiles } from "./sealed/sealed-form.ts";
import type { IngestJob, LayerRecord, StoreReply, StoreRequest, UnpackJob, VerifyJob } from "./store-message.ts";

interface Lane {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
  /** The job that unpacks a layer. */
  unpacking: number | undefined;
  idle: NodeJS.Timeout | undefined;
}

interface Job {
  answer(reply: Exclude<StoreReply, { type: "failed" }>): void;
  fail(error: Error): void;
}

interface StoreThreadsOptions {
  /** Threads at most. */
  readonly threads: number;
  /** Milliseconds without a job after which a thread ends. */
  readonly patience: number;
}

/** Runs the jobs of content and layer stores; one for a daemon. Disposing ends the threads and fails what runs. */
export class StoreThreads implements AsyncDisposable {
  readonly #options: StoreThreadsOptions;
  readonly #lanes: Lane[] = [];
  readonly #waiting = new Set<() => void>();
  /** Archives that were sealed without a sync, and whose pages are in memory for nothing once there was one. */
  readonly #unsettled = new Set<string>();
  #unpacking = 0;
  #isClosed = false;
  #nextId = 1;

  constructor(options: Partial<StoreThreadsOptions> = {}) {
    this.#options = { threads: Math.min(4, Math.max(2, availableParallelism())), patience: 10_000, ...options };
  }

  /** Unpacks a layer (see unpack-layer.ts). Aborting rejects once the thread has let go of the folder. @throws invalid; the signal's reason */
  async unpack(job: UnpackJob, signal?: AbortSignal): Promise<LayerRecord> {
    await this.#turn(signal);
    try {
      return await this.#unpack(job, signal);
    } finally {
      this.#unpacking -= 1;
      this.#callNext();
    }
  }

  /** Waits until a thread unpacks nothing. @throws the signal's reason */
  async #turn(signal: AbortSignal | undefined): Promise<void> {
    while (this.#unpacking >= this.#options.threads) {
      if (signal?.aborted === true) break;
      const { promise, resolve } = Promise.withResolvers<void>();
      const call = (): void => resolve();
      this.#waiting.add(call);
      signal?.addEventListener("abort", call);
      await promise;
      signal?.removeEventListener("abort", call);
      this.#waiting.delete(call);
    }
    if (signal?.aborted === true) {
      // It may have been called, and then somebody else's turn has come.
      this.#callNext();
      throw reasonOf(signal);
    }
    this.#unpacking += 1;
  }

  #callNext(): void {
    const [next] = this.#waiting;
    next?.();
  }

  #unpack(job: UnpackJob, signal: AbortSignal | undefined): Promise<LayerRecord> {
    return new Promise((resolve, reject) => {
      const { send, id } = this.#open("unpack", {
        answer: (reply) => {
          if (reply.type === "unpacked") {
            if (!job.isLasting && reply.record.form === "sealed") this.#unsettled.add(join(job.target, sealedFiles.archive));
            resolve(reply.record);
          }
          signal?.removeEventListener("abort", abort);
        },
        fail: (error) => {
          signal?.removeEventListener("abort", abort);
          reject(signal?.aborted === true ? reasonOf(signal) : error);
        },
      });
      const abort = (): void => send({ type: "cancel", id });
      signal?.addEventListener("abort", abort);
      send({ type: "unpack", id, job });
    });
  }

  /** What of a file or tree is not as it should be, in words. @throws internal when it cannot be read at all */
  verify(job: VerifyJob): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const { send, id } = this.#open("verify", {
        answer: (reply) => {
          if (reply.type === "verified") resolve(reply.difference);
        },
        fail: reject,
      });
      send({ type: "verify", id, job });
    });
  }

  /** Syncs the file systems of these folders. @throws internal when the disk fails */
  settle(folders: readonly string[]): Promise<void> {
    const unneeded = [...this.#unsettled];
    this.#unsettled.clear();
    return new Promise((resolve, reject) => {
      const { send, id } = this.#open("settle", {
        answer: (reply) => {
          if (reply.type === "settled") resolve();
        },
        fail: reject,
      });
      send({ type: "settle", id, job: { folders, unneeded } });
    });
  }

  /** Begins a blob; the caller pushes bytes, then ends or cancels. */
  ingest(job: IngestJob): BlobIngest {
    const ingest = new BlobIngest((message) => send({ ...message, id }));
    const { send, id } = this.#open("ingest", ingest);
    send({ type: "ingest", id, job });
    return ingest;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const lane of this.#lanes.splice(0)) {
      clearTimeout(lane.idle);
      lane.worker.terminate();
      for (const job of lane.jobs.values()) job.fail(closed());
    }
    return Promise.resolve();
  }

  #open(
    kind: "unpack" | "verify" | "settle" | "ingest",
    job: Job,
  ): { readonly id: number; readonly send: (message: StoreRequest) => void } {
    if (this.#isClosed) throw closed();
    const id = this.#nextId++;
    const lane = this.#lane(kind === "unpack");
    clearTimeout(lane.idle);
    lane.jobs.set(id, job);
    if (kind === "unpack") lane.unpacking = id;
    lane.worker.ref();
    return { id, send: (message) => lane.worker.postMessage(message) };
  }

  #lane(toUnpack: boolean): Lane {
    const fitting = this.#lanes.filter(({ unpacking }) => !toUnpack || unpacking === undefined);
    const least = fitting.toSorted((left, right) => left.jobs.size - right.jobs.size)[0];
    if (least !== undefined && (least.jobs.size === 0 || this.#lanes.length >= this.#options.threads)) return least;
    const lane: Lane = { worker: startWorker("unpack"), jobs: new Map(), unpacking: undefined, idle: undefined };
    lane.worker.addEventListener("message", (event: MessageEvent<StoreReply>) => this.#take(lane, event.data));
    lane.worker.addEventListener("error", (event) => this.#lose(lane, event.message));
    this.#lanes.push(lane);
    return lane;
  }

  #take(lane: Lane, reply: StoreReply): void {
    const job = lane.jobs.get(reply.id);
    if (job === undefined) return;
    if (reply.type === "taken") return job.answer(reply);
    lane.jobs.delete(reply.id);
    if (lane.unpacking === reply.id) lane.unpacking = undefined;
    if (lane.jobs.size === 0) this.#rest(lane);
    if (reply.type === "failed") job.fail(new EngineError(reply.fault, reply.message));
    else job.answer(reply);
  }

  #rest(lane: Lane): void {
    lane.worker.unref();
    lane.idle = setTimeout(() => this.#drop(lane), this.#options.patience);
    lane.idle.unref();
  }

  #lose(lane: Lane, message: string): void {
    this.#drop(lane);
    for (const job of lane.jobs.values()) job.fail(fault("internal", `a store thread ended: ${message}`));
  }

  #drop(lane: Lane): void {
    clearTimeout(lane.idle);
    const index = this.#lanes.indexOf(lane);
    if (index !== -1) this.#lanes.splice(index, 1);
    lane.worker.terminate();
  }
}

type BlobMessage = { readonly type: "bytes"; readonly bytes: Uint8Array } | { readonly type: "end" } | { readonly type: "cancel" };

/** Bytes on their way to the thread that are not written yet. */
const window = 4 * 1024 * 1024;

/** One blob on its way in. */
class BlobIngest implements Job {
  readonly #send: (message: BlobMessage) => void;
  readonly #finished = Promise.withResolvers<void>();
  /** Aborts with the error when the thread gives up. */
  readonly #failed = new AbortController();
  #sent = 0;
  #taken = 0;
  #room: (() => void) | undefined;
  #error: Error | undefined;

  constructor(send: (message: BlobMessage) => void) {
    this.#send = send;
    // Whoever pushes or ends hears of a failure; the promise alone is nobody's.
    this.#finished.promise.catch(() => undefined);
  }

  /** Aborts when the thread gives up, so that nobody waits for bytes that it will not take. */
  get failed(): AbortSignal {
    return this.#failed.signal;
  }

  /** Takes the next bytes; waits while too many are on their way. @throws as the thread failed */
  async push(bytes: Uint8Array): Promise<void> {
    if (this.#error !== undefined) throw this.#error;
    this.#send({ type: "bytes", bytes });
    this.#sent += bytes.length;
    while (this.#sent - this.#taken > window && this.#error === undefined) {
      await new Promise<void>((resolve) => {
        this.#room = resolve;
      });
    }
  }

  /** Resolves when the blob is visible. @throws invalid */
  async end(): Promise<void> {
    this.#send({ type: "end" });
    await this.#finished.promise;
  }

  /** Resolves when nothing of it is left. */
  async cancel(): Promise<void> {
    if (this.#error === undefined) this.#send({ type: "cancel" });
    await this.#finished.promise.catch(() => undefined);
  }

  answer(reply: Exclude<StoreReply, { type: "failed" }>): void {
    if (reply.type === "taken") this.#taken = reply.bytes;
    else this.#finished.resolve();
    this.#room?.();
  }

  fail(error: Error): void {
    this.#error = error;
    this.#finished.reject(error);
    this.#failed.abort(error);
    this.#room?.();
  }
}

function closed(): Error {
  return fault("unavailable", "the store is closed");
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : fault("internal", "context canceled");
}
