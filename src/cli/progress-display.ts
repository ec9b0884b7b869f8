import type { ProgressLine } from "#client";
import type { Output } from "./output.ts";
import { progressBar } from "./progress-bar.ts";
import { isTerminal, screenSize } from "./terminal.ts";

/**
 * Shows the progress of a pull or load until it is over: on a terminal one line for each layer, rewritten in place;
 * elsewhere a line for each change of status. Without an output only errors count.
 * @throws Error with the daemon's message when the stream carries one
 */
export async function showProgress(lines: AsyncIterable<ProgressLine>, output: Output | undefined): Promise<void> {
  const screen =
    output !== undefined && isTerminal(output.descriptor) ? new ProgressScreen(output, screenSize()?.columns ?? 80) : undefined;
  for await (const line of lines) {
    const failure = line.errorDetail?.message ?? line.error;
    if (failure !== undefined) throw new Error(failure);
    if (screen !== undefined) screen.show(line);
    else output?.print(plainLine(line));
  }
}

/** One line as it is shown where nothing can be rewritten; counters are left out. */
export function plainLine(line: ProgressLine): string {
  const { current = 0, total = 0 } = line.progressDetail ?? {};
  if (line.stream !== undefined && line.stream !== "") return line.stream;
  if (current > 0 || total > 0) return "";
  return `${line.id === undefined || line.id === "" ? "" : `${line.id}: `}${line.status ?? ""}\n`;
}

/** Lines with an id keep their row on the screen. */
export class ProgressScreen {
  readonly #output: Pick<Output, "print">;
  readonly #columns: number;
  readonly #rows = new Map<string, number>();

  constructor(output: Pick<Output, "print">, columns: number) {
    this.#output = output;
    this.#columns = columns;
  }

  show(line: ProgressLine): void {
    const id = line.id ?? "";
    const bar = progressBar(line.progressDetail, this.#columns);
    const text = `${id === "" ? "" : `${id}: `}${line.status ?? ""}${bar === "" ? "" : ` ${bar}`}`;
    if (line.stream !== undefined && line.stream !== "") {
      this.#output.print(line.stream);
    } else if (id === "" || line.progressDetail === undefined) {
      // Without counters it is a message of its own: rows above it cannot move any more.
      this.#rows.clear();
      this.#output.print(`${text}\n`);
    } else {
      this.#output.print(this.#inRow(id, text));
    }
  }

  #inRow(id: string, text: string): string {
    const row = this.#rows.get(id);
    const cut = text.slice(0, this.#columns);
    if (row === undefined) {
      this.#rows.set(id, this.#rows.size);
      return `${cut}\n`;
    }
    const up = this.#rows.size - row;
    return `\u001b[${up}A\u001b[2K\r${cut}\u001b[${up}B\r`;
  }
}
