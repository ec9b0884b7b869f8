// What the engine holds of containers that run, and who waits for them. Nothing in here outlives the daemon.
import type { Exit, MonitoredProcess } from "#container";
import { DeferredAttachment } from "./deferred-attachment.ts";

interface LiveContainer {
  readonly process: MonitoredProcess;
  /** Resolves when the exit is recorded, so that whoever waited reads the new state. */
  readonly recorded: PromiseWithResolvers<Exit>;
}

interface Waiter {
  readonly event: "exit" | "removed";
  resolve(code: number): void;
}

export class LiveContainers {
  readonly #live = new Map<string, LiveContainer>();
  readonly #waiters = new Map<string, Set<Waiter>>();
  readonly #attachments = new Map<string, Set<DeferredAttachment>>();
  readonly #cleaning = new Map<string, Promise<void>>();
  readonly #restarting = new Set<string>();
  readonly #lastCodes = new Map<string, number>();
  readonly #behind = new Set<Promise<void>>();

  add(id: string, process: MonitoredProcess): void {
    this.#live.set(id, { process, recorded: Promise.withResolvers() });
  }

  process(id: string): MonitoredProcess | undefined {
    return this.#live.get(id)?.process;
  }

  /** A `--rm` container that is being restarted is not removed by the exit in between. */
  isRestarting(id: string): boolean {
    return this.#restarting.has(id);
  }

  /** Marks a container as being restarted until disposed. */
  restarting(id: string): Disposable {
    this.#restarting.add(id);
    return { [Symbol.dispose]: (): void => void this.#restarting.delete(id) };
  }

  /** Resolves when the running process's exit is recorded; at once when none runs. */
  async ended(id: string): Promise<void> {
    await this.#live.get(id)?.recorded.promise;
  }

  /** The exit is in the roster: forget the process and wake whoever waits for it, unless the container is about to be started again. */
  async exited(id: string, exit: Exit, { isFinal = true }: { readonly isFinal?: boolean } = {}): Promise<void> {
    const live = this.#live.get(id);
    this.#live.delete(id);
    live?.recorded.resolve(exit);
    this.#lastCodes.set(id, exit.code);
    if (isFinal) this.#wake(id, "exit", exit.code);
    await live?.process[Symbol.asyncDispose]();
  }

  /** It is not started again after all. */
  stayedEnded(id: string): void {
    this.#wake(id, "exit", this.#lastCodes.get(id) ?? 0);
  }

  removed(id: string): void {
    this.cancelAttachments(id);
    const code = this.#lastCodes.get(id) ?? 0;
    this.#lastCodes.delete(id);
    this.#wake(id, "exit", code);
    this.#wake(id, "removed", code);
  }

  /** A start that failed counts as an exit for whoever waits for the next one. */
  startFailed(id: string, code: number): void {
    this.cancelAttachments(id);
    this.#lastCodes.set(id, code);
    this.#wake(id, "exit", code);
  }

  /** Resolves with the exit code at the next such event; rejects when the signal aborts. */
  next(id: string, event: Waiter["event"], signal: AbortSignal): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const waiter: Waiter = { event, resolve };
    const waiters = this.#waiters.get(id) ?? new Set();
    this.#waiters.set(id, waiters.add(waiter));
    signal.addEventListener("abort", () => {
      waiters.delete(waiter);
      reject(signal.reason as Error);
    });
    return promise;
  }

  /** An attachment that begins with the next start. */
  attachLater(id: string): DeferredAttachment {
    const attachment = new DeferredAttachment();
    const attachments = this.#attachments.get(id) ?? new Set();
    this.#attachments.set(id, attachments.add(attachment));
    return attachment;
  }

  /** Binds whoever attached before the start. Call between the runtime's create and start. */
  async bindAttachments(id: string, process: MonitoredProcess): Promise<void> {
    const waiting = [...(this.#attachments.get(id) ?? [])];
    this.#attachments.delete(id);
    await Promise.all(waiting.map(async (attachment) => attachment.bind(await process.attach())));
  }

  cancelAttachments(id: string): void {
    for (const attachment of this.#attachments.get(id) ?? []) attachment.cancel();
    this.#attachments.delete(id);
  }

  /** Work behind a reply; `settled` waits for it. Its failure is reported by `onFailure`, never lost. */
  behind(work: Promise<void>, onFailure: (error: unknown) => void): void {
    const tracked = work.catch(onFailure).finally(() => this.#behind.delete(tracked));
    this.#behind.add(tracked);
  }

  /** As `behind`, for what an ended run left: the container's next start waits for it. */
  cleanUp(id: string, work: Promise<void>, onFailure: (error: unknown) => void): void {
    const cleaned = work.catch(onFailure).finally(() => {
      // Another run may have ended since.
      if (this.#cleaning.get(id) === cleaned) this.#cleaning.delete(id);
    });
    this.#cleaning.set(id, cleaned);
    this.behind(cleaned, onFailure);
  }

  /** Resolves when nothing is left of the container's last run. */
  async cleaned(id: string): Promise<void> {
    await this.#cleaning.get(id);
  }

  /** Resolves when nothing runs behind a reply any more. */
  async settled(): Promise<void> {
    while (this.#behind.size > 0) await Promise.all(this.#behind);
  }

  /** Lets go of processes without touching them: the daemon ends, they stay. */
  async release(): Promise<void> {
    await Promise.all([...this.#live.values()].map((live) => live.process[Symbol.asyncDispose]()));
    this.#live.clear();
  }

  #wake(id: string, event: Waiter["event"], code: number): void {
    const waiters = this.#waiters.get(id);
    if (waiters === undefined) return;
    for (const waiter of waiters) {
      if (waiter.event !== event) continue;
      waiters.delete(waiter);
      waiter.resolve(code);
    }
    if (waiters.size === 0) this.#waiters.delete(id);
  }
}
