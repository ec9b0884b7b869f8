import { writeSync } from "node:fs";
import { type ScreenSize, screenSize, takeRawTerminal } from "../terminal.ts";

const enter = "\u001b[?1049h\u001b[?25l\u001b[2J";
const leave = "\u001b[0m\u001b[?25h\u001b[?1049l";

/** The whole terminal, with the user's screen put aside. It is put back however the program ends, short of SIGKILL. */
export class FullScreen implements Disposable {
  readonly #raw: Disposable;
  readonly #restore: () => void;
  #shown = "";
  #left = false;

  constructor() {
    this.#raw = takeRawTerminal();
    this.#restore = (): void => this[Symbol.dispose]();
    // Runs also when something of ours throws where nobody awaits it.
    process.on("exit", this.#restore);
    writeSync(1, enter);
  }

  get size(): ScreenSize {
    return screenSize() ?? { rows: 24, columns: 80 };
  }

  /** Shows a picture of as many lines as there are rows; one that is on the screen already costs nothing. */
  draw(lines: readonly string[]): void {
    const text = `\u001b[H${lines.map((line) => `${line}\u001b[K`).join("\r\n")}\u001b[J`;
    if (text === this.#shown || this.#left) return;
    this.#shown = text;
    let rest = Buffer.from(text);
    while (rest.length > 0) rest = rest.subarray(writeSync(1, rest));
  }

  /** The next picture is drawn whole: the terminal changed below it. */
  forget(): void {
    this.#shown = "";
  }

  [Symbol.dispose](): void {
    if (this.#left) return;
    this.#left = true;
    process.off("exit", this.#restore);
    this.#raw[Symbol.dispose]();
    writeSync(1, leave);
  }
}
