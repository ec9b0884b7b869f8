// A program on a terminal of its own, typed to as a person would.
import { waitFor } from "./wait-for.ts";

export interface Pty extends AsyncDisposable {
  /** Everything it has shown so far. */
  text(): string;
  type(keys: string): void;
  resize(columns: number, rows: number): void;
  /** Resolves when the pattern is on the screen. @throws at the deadline, with the screen */
  shows(pattern: RegExp): Promise<void>;
  readonly exited: Promise<number>;
}

/** Starts a command on a terminal of 101 columns and 33 rows. Disposing kills it. */
export function openPty(command: readonly string[], env: Readonly<Record<string, string>> = {}): Pty {
  let shown = "";
  const decoder = new TextDecoder();
  const child = Bun.spawn([...command], {
    cwd: "/",
    env: { ...process.env, ...env },
    terminal: {
      cols: 101,
      rows: 33,
      data: (_, bytes) => {
        shown += decoder.decode(bytes, { stream: true });
      },
    },
  });
  const { terminal } = child;
  if (terminal === undefined) throw new Error("no terminal for the test");
  return {
    text: () => shown,
    type: (keys) => {
      terminal.write(keys);
    },
    resize: (columns, rows) => {
      terminal.resize(columns, rows);
    },
    shows: async (pattern) => {
      await waitFor(() => pattern.test(shown), { what: `${pattern} on the terminal` }).catch((error: unknown) => {
        throw new Error(`the terminal shows ${JSON.stringify(shown)}`, { cause: error });
      });
    },
    exited: child.exited,
    async [Symbol.asyncDispose](): Promise<void> {
      child.kill("SIGKILL");
      await child.exited;
      terminal.close();
    },
  };
}
