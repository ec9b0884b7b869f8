// The line between daemon and monitor: one socket pair. The monitor has its end four times, as the pipes that conmon
// knows (sync, start, attach) and once more until it exits, so that end of file means "the monitor is gone". It also keeps our
// end, so that the next daemon can take the line back.
import { fault } from "#base";
import { closeFd, connectDescriptor, socketPair } from "#linux";

/** What conmon reports: a pid or an exit code, or a failure with the runtime's text. */
export interface MonitorReport {
  readonly data: number;
  readonly message?: string;
}

interface Waiter {
  readonly resolve: (report: MonitorReport) => void;
  readonly reject: (error: Error) => void;
}

export class MonitorLine implements Disposable {
  /** Resolves when every copy of the monitor's end is closed. */
  readonly closed: Promise<void>;
  readonly #reports: MonitorReport[] = [];
  readonly #waiters: Waiter[] = [];
  readonly #decoder = new TextDecoder();
  #text = "";
  #isClosed = false;
  #socket: Bun.Socket | undefined;
  #onClose: () => void = () => undefined;

  private constructor() {
    this.closed = new Promise((resolve) => {
      this.#onClose = resolve;
    });
  }

  /** Takes over our end of a line; it is closed with the line. */
  static async over(fd: number): Promise<MonitorLine> {
    const line = new MonitorLine();
    line.#socket = await connectDescriptor(fd, {
      data: (_, bytes) => line.#take(bytes),
      close: () => line.#finish(),
      end: () => line.#socket?.terminate(),
      error: () => line.#socket?.terminate(),
    });
    line.#socket.unref();
    return line;
  }

  /** The next report. @throws internal when the monitor is gone without one */
  next(): Promise<MonitorReport> {
    const ready = this.#reports.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#isClosed) return Promise.reject(gone());
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** Lets the monitor go on to its next step: once into its work, for an exec once more to start the process. */
  proceed(): void {
    this.#socket?.write("\0");
  }

  [Symbol.dispose](): void {
    this.#socket?.terminate();
  }

  #take(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    const lines = this.#text.split("\n");
    this.#text = lines.pop() ?? "";
    for (const text of lines) {
      const report = JSON.parse(text) as MonitorReport;
      const waiter = this.#waiters.shift();
      if (waiter === undefined) this.#reports.push(report);
      else waiter.resolve(report);
    }
  }

  #finish(): void {
    this.#isClosed = true;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(gone());
    this.#onClose();
  }
}

/** Both ends of a new line, for a monitor that is about to be spawned. */
export function openLine(): { readonly ours: number; readonly theirs: number } {
  const [ours, theirs] = socketPair();
  return { ours, theirs };
}

/** Gives back an end that was not taken over. */
export function closeEnd(fd: number): void {
  closeFd(fd);
}

function gone(): Error {
  return fault("internal", "the container's monitor ended before it reported");
}
