import { ExitError } from "../usage-error.ts";
import type { Output } from "../output.ts";

/** Asks the person at the terminal, line by line. What is typed ahead is for the next question. */
export class Prompt implements Disposable {
  readonly #stdout: Output;
  #typed = "";
  #wake = Promise.withResolvers<void>();
  #ended = false;
  readonly #take = (bytes: Buffer): void => {
    this.#typed += bytes.toString("utf8");
    this.#wake.resolve();
  };
  readonly #end = (): void => {
    this.#ended = true;
    this.#wake.resolve();
  };

  constructor(stdout: Output) {
    this.#stdout = stdout;
    process.stdin.on("data", this.#take).on("end", this.#end).on("error", this.#end);
  }

  /** A line, without the spaces around it. */
  async ask(question: string): Promise<string> {
    this.#stdout.print(question);
    return (await this.#line()).trim();
  }

  /** A line that is not shown. */
  async askSecret(question: string): Promise<string> {
    process.stdin.setRawMode(true);
    try {
      this.#stdout.print(question);
      return typed(await this.#line());
    } finally {
      process.stdin.setRawMode(false);
      this.#stdout.print("\n");
    }
  }

  [Symbol.dispose](): void {
    process.stdin.off("data", this.#take).off("end", this.#end).off("error", this.#end).pause();
  }

  async #line(): Promise<string> {
    for (;;) {
      // Without the terminal's help Ctrl-C and Ctrl-D are keys like others.
      const found = /^[^\r\n\u0003\u0004]*(\r\n|[\r\n\u0003\u0004])/.exec(this.#typed);
      if (found?.[1] === "\u0003") throw new ExitError(130);
      if (found !== null) {
        this.#typed = this.#typed.slice(found[0].length);
        return found[0].slice(0, -(found[1]?.length ?? 0));
      }
      if (this.#ended) return this.#typed;
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }
}

/** Keys as the terminal would have made a line of them: backspace and Ctrl-U take away. */
function typed(keys: string): string {
  let line: string[] = [];
  for (const key of keys) {
    if (key === "\u007f" || key === "\b") line.pop();
    else if (key === "\u0015") line = [];
    else line.push(key);
  }
  return line.join("");
}
