import { fault, now } from "#base";
import type { Attachment, Exit, MonitoredProcess, TerminalSize } from "#container";
import { closeFd, hasCode, type KernelPort, openPidfd, signalPidfd } from "#linux";
import { AttachConnection, type StdinRules } from "./attach-connection.ts";
import type { MonitorLine } from "./monitor-line.ts";

export interface ProcessParts {
  readonly kernel: KernelPort;
  readonly pid: number;
  readonly monitorPid: number;
  readonly exitFile: string;
  readonly socket: string;
  readonly control: string;
  readonly stdin: StdinRules;
  readonly tty: boolean;
  readonly line: MonitorLine;
  /** Made before the process started; its first attachment belongs to the first caller. */
  readonly early: AttachConnection | undefined;
  /** Whether the kernel killed for memory. */
  readonly oomKilled: () => Promise<boolean>;
  /** Ends what a monitor left behind that is gone without having written an exit. */
  readonly orphaned: () => Promise<void>;
  /** Behind the exit, whatever it was. */
  readonly ended: () => Promise<void>;
}

const SIGKILL = 9;

/** Milliseconds that a killed process gets to end. */
const killPatience = 5000;

/** The exit that a monitor wrote; undefined when it wrote none. */
export async function readExit(kernel: KernelPort, path: string): Promise<Pick<Exit, "code" | "at"> | undefined> {
  const file = await kernel.run("readMonitorFile", path);
  if (file === undefined || !/^\d{1,3}\s*$/.test(file.text)) return undefined;
  return { code: Number(file.text), at: file.at };
}

/** The kernel's word on a killed process; undefined when it has none (below 6.15). */
export function exitCodeWithin(kernel: KernelPort, pidfd: number): Promise<number | undefined> {
  return kernel.run("waitForExitCode", pidfd, killPatience);
}

/** A process below a monitor that runs: one of this daemon's, or one that an earlier daemon left. */
export class ConmonProcess implements MonitoredProcess {
  readonly pid: number;
  readonly monitorPid: number;
  readonly exited: Promise<Exit>;
  readonly #parts: ProcessParts;
  readonly #pidfd: number | undefined;
  readonly #released = Promise.withResolvers<void>();
  #connection: Promise<AttachConnection> | undefined;
  #first: Attachment | undefined;
  #gone = false;
  #disposed = false;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    this.pid = parts.pid;
    this.monitorPid = parts.monitorPid;
    this.#pidfd = openPidfd(parts.pid);
    this.#connection = parts.early === undefined ? undefined : Promise.resolve(parts.early);
    this.#first = parts.early?.attach();
    this.exited = parts.line.closed.then(() => this.#findExit());
  }

  /** Resolves with the exit's being known, or with the process's being let go of. */
  async settled(): Promise<void> {
    await Promise.race([this.exited, this.#released.promise]);
  }

  async attach(): Promise<Attachment> {
    const first = this.#first;
    this.#first = undefined;
    return first ?? (await this.#connect()).attach();
  }

  signal(number: number): Promise<void> {
    if (this.#pidfd !== undefined && !this.#disposed) signalPidfd(this.#pidfd, number);
    return Promise.resolve();
  }

  async resize(size: TerminalSize): Promise<void> {
    if (this.#parts.tty) await this.#parts.kernel.run("writeMonitorFifo", this.#parts.control, `1 ${size.rows} ${size.columns}\n`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#released.resolve();
    this.#parts.line[Symbol.dispose]();
    // Of a process that has ended its clients still read: that connection ends with its last byte.
    const connection = this.#gone ? undefined : this.#connection;
    await connection?.then(
      (open) => open.close(),
      () => undefined,
    );
    if (this.#pidfd !== undefined) closeFd(this.#pidfd);
  }

  async #connect(): Promise<AttachConnection> {
    if (this.#gone || this.#disposed) throw ended();
    const current = this.#connection;
    if (current !== undefined && !(await current).isClosed) return current;
    // Another caller may have connected meanwhile.
    if (this.#connection === current) this.#connection = this.#open();
    return this.#connect();
  }

  async #open(): Promise<AttachConnection> {
    try {
      return await AttachConnection.open(this.#parts.socket, this.#parts.stdin);
    } catch (error) {
      this.#connection = undefined;
      throw hasCode(error, "ENOENT", "ECONNREFUSED") ? ended(error) : error;
    }
  }

  async #findExit(): Promise<Exit> {
    // Disposing closes the line too: then the process lives on, and nobody is to hear of an exit.
    if (this.#disposed) return new Promise(() => undefined);
    this.#gone = true;
    const { kernel, exitFile, oomKilled, orphaned, ended } = this.#parts;
    try {
      const written = await readExit(kernel, exitFile);
      const killed = await oomKilled();
      if (written !== undefined) return { ...written, oomKilled: killed };
      await orphaned();
      return { code: (await this.#killedCode()) ?? 255, at: now(), oomKilled: killed };
    } catch {
      // The port promises an answer; what could not be read is unknown.
      return { code: 255, at: now(), oomKilled: false };
    } finally {
      // Removal of the container takes whatever this one leaves.
      ended().catch(() => undefined);
    }
  }

  async #killedCode(): Promise<number | undefined> {
    if (this.#pidfd === undefined || this.#disposed) return undefined;
    signalPidfd(this.#pidfd, SIGKILL);
    return exitCodeWithin(this.#parts.kernel, this.#pidfd);
  }
}

function ended(cause?: unknown): Error {
  return fault("conflict", "the process has ended", { cause });
}
