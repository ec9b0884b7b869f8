/** One piece of a process's output. A terminal has only stdout. */
export interface OutputChunk {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Uint8Array;
}

export interface TerminalSize {
  readonly rows: number;
  readonly columns: number;
}

/**
 * One client's view of a live process's stdio.
 *
 * `output` yields what the process writes from the moment of attaching and ends when the process has closed both
 * streams (which is not "exited") or when the attachment is disposed. Each attachment has a bounded buffer of its own (1 MiB);
 * when it is full, reading from the process pauses, as Docker's foreground attach does.
 * `write` resolves when the monitor has taken the bytes. `end` closes this client's stdin: the process sees end of file
 * only when it was created with stdinOnce (or for an exec). Disposing never ends the process.
 */
export interface Attachment extends AsyncDisposable {
  readonly output: AsyncIterable<OutputChunk>;
  write(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
}
