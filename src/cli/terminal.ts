import { isatty, WriteStream } from "node:tty";

export interface ScreenSize {
  readonly rows: number;
  readonly columns: number;
}

/** True when the descriptor (0, 1, 2) is a terminal. */
export function isTerminal(descriptor: number): boolean {
  return isatty(descriptor);
}

/** Size of the terminal behind stdout, undefined when it is none, or one that nobody told its size (0 by 0), as scripts open them. */
export function screenSize(): ScreenSize | undefined {
  if (!isatty(1)) return undefined;
  const [columns, rows] = new WriteStream(1).getWindowSize();
  return columns === 0 || rows === 0 ? undefined : { rows, columns };
}

/** Stdin's terminal handed through raw, key by key, until it is disposed of. */
export function takeRawTerminal(): Disposable {
  process.stdin.setRawMode(true);
  // setRawMode leaves output processing on: a bare line feed of a full-screen program would also return the carriage.
  Bun.spawnSync(["stty", "-opost"], { stdin: "inherit", stdout: "ignore", stderr: "ignore" });
  return { [Symbol.dispose]: () => void process.stdin.setRawMode(false) };
}

/** Calls `resize` now and whenever the terminal's size changes, until it is disposed of. */
export function followSize(resize: (size: ScreenSize) => Promise<void>): Disposable {
  let last = "";
  const tell = (): void => {
    const size = screenSize();
    if (size === undefined || `${size.rows}x${size.columns}` === last) return;
    last = `${size.rows}x${size.columns}`;
    // A container that is gone cannot be resized; its end is told by its exit code.
    resize(size).catch(() => undefined);
  };
  process.on("SIGWINCH", tell);
  tell();
  return { [Symbol.dispose]: () => void process.off("SIGWINCH", tell) };
}
