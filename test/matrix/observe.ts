// Plays one case on one engine: what its client printed, what the process in the container saw, and what the engine says of it.
import { existsSync, readFileSync } from "node:fs";
import { run } from "../support/command.ts";
import type { MatrixCase } from "./cases.ts";
import { type Facts, Reading } from "./facts.ts";
import { inspectFacts } from "./inspect-facts.ts";
import { probeFacts } from "./probe-facts.ts";
import { clientEnv, matrixImage, type Side } from "./side.ts";
import { readSurroundings, type Surroundings } from "./surroundings.ts";

/** All cases, four at a time. */
export async function observeAll(side: Side, cases: readonly MatrixCase[]): Promise<ReadonlyMap<string, Facts>> {
  const surroundings = await readSurroundings(side);
  const seen = new Map<string, Facts>();
  const waiting = [...cases];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      seen.set(next.name, await observe(side, surroundings, next));
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return new Map([...seen].toSorted(([left], [right]) => (left < right ? -1 : 1)));
}

async function observe(side: Side, surroundings: Surroundings, { name, verb, options }: MatrixCase): Promise<Facts> {
  const words = options.flatMap((option) => option.words).map((word) => fill(word, { ...surroundings.words, case: name }));
  const image = options.find((option) => option.image !== undefined)?.image ?? matrixImage;
  const command = [side.client, verb, "--name", name, ...words, image];
  const { code, stdout, stderr } = await run(command, { env: clientEnv(side), stdin: "word of the client\n" });
  const call = async (path: string, init: RequestInit = {}): Promise<Response> =>
    await fetch(`http://localhost/containers/${path}`, { unix: side.socket, keepalive: false, ...init });
  const containerName = nameIn(words) ?? name;
  const detached = verb === "run" && options.some(({ flag }) => flag === "detach");
  if (detached && code === 0) await (await call(`${containerName}/wait`, { method: "POST" })).text();
  const found = await call(`${containerName}/json`);
  const container = found.ok ? ((await found.json()) as ContainerAnswer) : undefined;
  const reading = new Reading(surroundings.spellings(container?.Id, name));
  const logs =
    container !== undefined && verb === "run" ? await logsOf(await call(`${containerName}/logs?stdout=1&stderr=1`), container) : "";
  if (container !== undefined) await (await call(`${container.Id}?force=1&v=1`, { method: "DELETE" })).text();

  reading.add("exit", String(code));
  reading.add("stderr", stderr.trim().replaceAll("\n", " | "));
  reading.add("kept", container === undefined ? "no" : "yes");
  reading.add("printed", printed(stdout, container?.Id));
  if (printed(stdout, container?.Id) === "text") reading.add("stdout", outline(stdout));
  const idFile = idFileIn(words);
  if (idFile !== undefined) reading.add("cidfile", existsSync(idFile) ? readFileSync(idFile, "utf8").trim() : "none");
  if (container !== undefined) inspectFacts(reading, container);
  probeFacts(reading, stdout.includes("@begin") ? stdout : logs, surroundings);
  return reading.facts;
}

export interface ContainerAnswer {
  readonly Id: string;
  readonly Config: { readonly Tty: boolean };
}

function fill(word: string, values: Readonly<Record<string, string>>): string {
  return word.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function nameIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === "--name" || word.startsWith("--name="));
  return words[at]?.includes("=") === true ? words[at].slice("--name=".length) : at === -1 ? undefined : words[at + 1];
}

function idFileIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === "--cidfile" || word.startsWith("--cidfile="));
  return words[at]?.includes("=") === true ? words[at].slice("--cidfile=".length) : at === -1 ? undefined : words[at + 1];
}

function printed(stdout: string, id: string | undefined): "nothing" | "probe" | "id" | "text" {
  if (stdout.trim() === "") return "nothing";
  if (stdout.includes("@begin")) return "probe";
  return stdout.trim() === id ? "id" : "text";
}

/** Of a help text the flags, which is what must be the same. */
function outline(stdout: string): string {
  return stdout.startsWith("\nUsage") || stdout.startsWith("Usage")
    ? [...stdout.matchAll(/^ {2,6}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag).join(" ")
    : stdout.trim().replaceAll("\n", " | ");
}

/** Without the frames that part stdout from stderr. */
async function logsOf(reply: Response, container: ContainerAnswer): Promise<string> {
  const bytes = new Uint8Array(await reply.arrayBuffer());
  if (!reply.ok) return "";
  if (container.Config.Tty) return new TextDecoder().decode(bytes);
  const parts: Uint8Array[] = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = new DataView(bytes.buffer, at + 4).getUint32(0);
    parts.push(bytes.subarray(at + 8, at + 8 + size));
    at += 8 + size;
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}
