// Threads for files in and out of containers. Each is a kernel worker of its own kind, since an archive goes on where its first call left off;
// what is mounted into a container may hang, so those of the engine's own calls are none of them.
import { Kernel } from "#linux";
import type { FileCalls } from "./file-calls.ts";

export interface FileThread {
  readonly run: Kernel<FileCalls>["run"];
}

interface Lane {
  readonly kernel: Kernel<FileCalls>;
  sessions: number;
  idle: NodeJS.Timeout | undefined;
}

interface FileThreadsOptions {
  /** Threads at most; more that read or write at once share them. */
  readonly threads: number;
  /** Milliseconds without work after which a thread ends. */
  readonly patience: number;
}

/** A few threads, started when they are needed. Disposing ends them. */
export class FileThreads implements AsyncDisposable {
  readonly #options: FileThreadsOptions;
  readonly #lanes: Lane[] = [];

  constructor(options: Partial<FileThreadsOptions> = {}) {
    this.#options = { threads: 8, patience: 10_000, ...options };
  }

  /** The thread with the least to do, until disposed. */
  take(): FileThread & Disposable {
    const lane = this.#lane();
    clearTimeout(lane.idle);
    lane.sessions += 1;
    return {
      run: (name, ...args) => lane.kernel.run(name, ...args),
      [Symbol.dispose]: () => {
        lane.sessions -= 1;
        if (lane.sessions > 0) return;
        lane.idle = setTimeout(() => void this.#drop(lane), this.#options.patience);
        lane.idle.unref();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#lanes.splice(0).map((lane) => this.#drop(lane)));
  }

  #lane(): Lane {
    const least = this.#lanes.toSorted((left, right) => left.sessions - right.sessions)[0];
    if (least !== undefined && (least.sessions === 0 || this.#lanes.length >= this.#options.threads)) return least;
    const lane: Lane = { kernel: new Kernel<FileCalls>({ worker: "files", lanes: 1, maxLanes: 1 }), sessions: 0, idle: undefined };
    this.#lanes.push(lane);
    return lane;
  }

  async #drop(lane: Lane): Promise<void> {
    clearTimeout(lane.idle);
    const index = this.#lanes.indexOf(lane);
    if (index !== -1) this.#lanes.splice(index, 1);
    await lane.kernel[Symbol.asyncDispose]();
  }
}
