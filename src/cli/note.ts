import type { Output } from "./output.ts";
import { isTerminal } from "./terminal.ts";

const indent = " ".repeat(" Info -> ".length);

/** Prints a remark beside what a command does, as Docker does: an empty line, a head, and its further lines below the first. */
export function printNote(output: Output, note: string): void {
  const styled = isTerminal(output.descriptor) && (process.env["NO_COLOR"] ?? "") === "";
  const head = styled ? "\u001b[1m\u001b[106m\u001b[30mi\u001b[0m\u001b[0m \u001b[96mInfo → \u001b[0m\u001b[0m" : " Info -> ";
  const lines = note.split("\n").map((line) => (styled ? `\u001b[3m${line}\u001b[0m` : line));
  output.print(`\n${head}${lines.join(`\n${indent}`)}\n`);
}
