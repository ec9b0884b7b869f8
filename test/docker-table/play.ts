import { FrameDecoder, frameHeaderSize, isBelow, parseApiVersion, type StreamName } from "#wire";
import { waitFor } from "../support/wait-for.ts";
import { send, type Asked, type RawReply, type RawRequest } from "./http-client.ts";
import { isList, Names, shapeOf, type Json } from "./names.ts";
import type { Scenario, Step } from "./scenario.ts";

/** What an engine said to one step, with names for what differs from run to run. */
export interface Answer {
  readonly status: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}

export interface Played {
  readonly step: Step;
  readonly answer: Answer;
}

interface Engine {
  readonly socket: string;
  /** Texts of this engine that stand in replies, and what to call them. */
  readonly places: readonly (readonly [string, string])[];
}

/** Plays a scenario at one version, step by step. @throws naming the step at which the engine did not answer */
export async function play(engine: Engine, scenario: Scenario, version: string): Promise<readonly Played[]> {
  const values = new Map<string, string>([["version", version]]);
  const names = new Names(engine.places);
  const waiting: { readonly step: Step; readonly reply: Promise<RawReply> }[] = [];
  for (const step of scenario.steps) {
    const reply = ask(engine.socket, step, version, values);
    if (step.meanwhile === true) {
      // Its failure is met when it is awaited below.
      reply.reply.catch(() => undefined);
      if (step.silentBefore === undefined || !isBelow(parseApiVersion(version), parseApiVersion(step.silentBefore))) await reply.head;
      waiting.push({ step, reply: reply.reply });
      continue;
    }
    const whole = step.until === undefined ? await reply.reply : await patiently(engine.socket, step, version, values);
    keep(step, whole, values);
    waiting.push({ step, reply: Promise.resolve(whole) });
  }
  const played: Played[] = [];
  for (const { step, reply } of waiting) {
    names.enter(step.title);
    if (step.unheld !== true) played.push({ step, answer: answerOf(step, await reply, names) });
  }
  return played;
}

function ask(socket: string, step: Step, version: string, values: ReadonlyMap<string, string>): Asked {
  const [method = "", ...rest] = fill(step.ask, values).split(" ");
  const path = rest.join(" ");
  const raw = step.raw ?? (step.body === undefined ? undefined : JSON.stringify(step.body));
  const request: RawRequest = {
    method,
    path: path.startsWith("/_") || path.startsWith("/v") ? path : `/v${version}${path}`,
    headers: {
      ...(raw !== undefined && { "Content-Type": "application/json" }),
      ...(step.talks !== undefined && { Connection: "Upgrade", Upgrade: "tcp" }),
      ...step.headers,
    },
    ...(raw !== undefined && { body: fill(raw, values) }),
    ...(step.talks !== undefined && { input: step.talks }),
    ...(step.headOnly === true && { headOnly: true }),
  };
  return send(socket, request);
}

function patiently(socket: string, step: Step, version: string, values: ReadonlyMap<string, string>): Promise<RawReply> {
  const until = step.until ?? "";
  return waitFor(
    async () => {
      const reply = await ask(socket, step, version, values).reply;
      return reply.body.includes(until) && reply;
    },
    { what: `${JSON.stringify(until)} in the answer to ${step.title}`, every: 30 },
  );
}

function fill(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => (name === "now" ? instantAhead() : (values.get(name) ?? whole)));
}

/** Now, as Unix seconds; the instants of what happened are finer than our clock, so a little later. */
function instantAhead(): string {
  return String((Date.now() + 2) / 1000);
}

function keep(step: Step, reply: RawReply, values: Map<string, string>): void {
  for (const [name, field] of Object.entries(step.keep ?? {})) {
    const value = reply.status < 300 ? (JSON.parse(reply.body.toString()) as Readonly<Record<string, unknown>>)[field] : undefined;
    // Without it the steps that need it ask for "{name}", and say so in their answers.
    if (typeof value === "string") values.set(name, value);
  }
}

/** Headers that say something about the reply; the rest is the business of HTTP. */
const spoken = [
  "api-version",
  "docker-experimental",
  "ostype",
  "server",
  "content-type",
  "cache-control",
  "pragma",
  "builder-version",
  "swarm",
  "location",
  "x-content-type-options",
  "upgrade",
  "sec-websocket-accept",
];

function answerOf(step: Step, reply: RawReply, names: Names): Answer {
  const headers = spoken.flatMap((name) => {
    const value = reply.headers.get(name);
    return value === undefined ? [] : [[name, value.replace(/\+dfsg\d+/, "")]];
  });
  const body = step.headOnly === true ? null : bodyOf(step, reply, names);
  const failed = reply.status >= 400;
  const shaped = (step.shape ?? [])
    .filter((pointer) => !failed || pointer !== "")
    .reduce((so, pointer) => shapeAt(so, pointer.split("/").slice(1)), body);
  return { status: reply.statusLine, headers: Object.fromEntries(headers) as Answer["headers"], body: shaped };
}

function bodyOf(step: Step, { headers, body }: RawReply, names: Names): Json {
  const text = body.toString();
  const isFailure = headers.get("content-type") === "application/json" && text.startsWith('{"message":"');
  if (isFailure) return names.document(JSON.parse(text) as Json);
  const { reads = "auto" } = step;
  switch (reads) {
    case "lines":
      return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [names.document(JSON.parse(line) as Json)]));
    case "log":
      return framesOf(body, names, false);
    case "frames":
      return framesOf(body, names, true);
    case "raw":
      return names.text(text);
    case "auto":
      return headers.get("content-type") === "application/json" && text !== ""
        ? names.document(JSON.parse(text) as Json)
        : names.text(text);
    default:
      return reads satisfies never;
  }
}

/** Two pipes of a process have no order between them; in a log each piece is a frame, on an open stream pieces may be cut anywhere. */
function framesOf(body: Buffer, names: Names, joined: boolean): Json {
  const said: Partial<Record<StreamName, string[]>> = {};
  for (let at = 0; at < body.length;) {
    const end = at + frameHeaderSize + body.readUInt32BE(at + 4);
    const decoder = new FrameDecoder();
    for (const { stream, bytes } of decoder.push(body.subarray(at, end)))
      (said[stream] ??= []).push(names.text(Buffer.from(bytes).toString()));
    if (!decoder.whole) throw new Error(`a frame is cut off in ${JSON.stringify(body.toString())}`);
    at = end;
  }
  const entries = Object.entries(said).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([stream, pieces]) => [stream, joined ? pieces.join("") : pieces]));
}

function shapeAt(value: Json, [key, ...rest]: readonly string[]): Json {
  if (key === undefined) return shapeOf(value);
  if (isList(value)) return value.map((item, index) => (key === "*" || key === String(index) ? shapeAt(item, rest) : item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, key === "*" || key === name ? shapeAt(member, rest) : member]),
  );
}
