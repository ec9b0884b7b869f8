import { isTerminal } from "./terminal.ts";

export type Colour = "green" | "yellow" | "red" | "faint";

const codes: Readonly<Record<Colour, number>> = { green: 32, yellow: 33, red: 31, faint: 2 };

/**
 * True when words on that output (1 or 2) may have a colour: on a terminal, unless NO_COLOR is set, and elsewhere only when
 * CLICOLOR_FORCE asks for it. Called as docker we print what docker prints.
 */
export function mayColour(program: string, descriptor: number, env: Readonly<Record<string, string | undefined>>): boolean {
  if (program === "docker" || (env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["CLICOLOR_FORCE"] ?? "";
  return (forced !== "" && forced !== "0") || isTerminal(descriptor);
}

export function coloured(colour: Colour | undefined, text: string): string {
  return colour === undefined || text === "" ? text : `\u001b[${codes[colour]}m${text}\u001b[0m`;
}
