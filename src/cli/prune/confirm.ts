import type { Output } from "../output.ts";

/** Asks on stdout and reads one line; only "y" or "Y" is a yes. */
export async function confirm(stdout: Output, warning: string): Promise<boolean> {
  stdout.print(`${warning}\nAre you sure you want to continue? [y/N] `);
  let line = "";
  for await (const bytes of process.stdin) {
    line += String(bytes);
    if (line.includes("\n")) break;
  }
  return /^y$/i.test(line.split("\n", 1)[0]?.trim() ?? "");
}
