// Command lines that need no daemon, and what Docker's client says to them: recorded, so that ours is compared without it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "./command.ts";

export interface CliLine {
  /** `<files>` is the folder of the files, `<config>` that of the settings. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
}

export interface CliAnswer extends CliLine {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Answers of a client whose version is named, in the order of the lines. */
export interface CliAnswers {
  readonly client: string;
  readonly answers: readonly CliAnswer[];
}

const cleared = ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CUSTOM_HEADERS"];

/** Has a client answer the lines one after the other, with settings that they share and that begin empty. */
export async function answerLines(
  program: string,
  lines: readonly CliLine[],
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<readonly CliAnswer[]> {
  const folder = mkdtempSync(join(tmpdir(), "gantry-lines-"));
  const places = { "<files>": join(folder, "files"), "<config>": join(folder, "config") };
  try {
    for (const place of Object.values(places)) mkdirSync(place);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(places["<files>"], name), content);
    const answers: CliAnswer[] = [];
    const empty = Object.fromEntries(cleared.map((name) => [name, ""]));
    for (const line of lines) {
      const args = line.args.map((arg) => withPlaces(arg, places));
      const env = { ...empty, DOCKER_CONFIG: places["<config>"], COLUMNS: "80", ...line.env };
      const { stdin } = line;
      const { code, stdout, stderr } = await run([program, ...args], {
        env,
        cwd: places["<files>"],
        ...(stdin !== undefined && { stdin }),
      });
      answers.push({ ...line, code, stdout: settled(stdout, places), stderr: settled(stderr, places) });
    }
    return answers;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function withPlaces(text: string, places: Readonly<Record<string, string>>): string {
  return Object.entries(places).reduce((sum, [name, place]) => sum.replaceAll(name, place), text);
}

/** What differs from machine to machine, and our own socket, say Docker's. Columns move with them. */
function settled(text: string, places: Readonly<Record<string, string>>): string {
  return Object.entries(places)
    .reduce((sum, [name, place]) => sum.replaceAll(place, name), text)
    .replaceAll("unix:///run/gantry/gantry.sock", "unix:///var/run/docker.sock")
    .replaceAll(/ {2,}/g, "  ")
    .replaceAll(/open \S{0,20}…/g, "open …")
    .replaceAll("SRun '", "Run '");
}
