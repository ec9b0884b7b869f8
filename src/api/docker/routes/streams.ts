import type { Writable } from "node:stream";
import { EngineError, fault, formatInstant, messageOf, type Instant } from "#base";
import type { Attachment } from "#container";
import type { LogEntry, LogQuery } from "#log";
import { knows, statusOfFault, type ApiVersion, type StreamPiece } from "#wire";
import type { Call, Handlers } from "../call.ts";
import { DetachWatch, parseDetachKeys } from "../detach-keys.ts";
import { readInstant } from "../query.ts";
import { StreamWriter } from "../stream-writer.ts";
import type { Talk } from "../takeover.ts";

export const streamRoutes: Handlers<"containerLogs" | "containerAttach"> = { containerLogs: logs, containerAttach: attach };

/** What a stream carries, as its Content-Type says it. */
export function mediaTypeOf(tty: boolean, version: ApiVersion): string {
  const multiplexed = !tty && knows(version, "multiplexedMediaType");
  return multiplexed ? "application/vnd.docker.multiplexed-stream" : "application/vnd.docker.raw-stream";
}

async function logs({ exchange, params, query, verbs, version }: Call<"containerLogs">): Promise<void> {
  if (!query.stdout && !query.stderr) throw fault("invalid", "Bad parameters: you must choose at least one stream");
  const { tty } = verbs.containers.get(params["name"] ?? "").container.spec;
  const since = readTimestamp(query.since);
  const until = readTimestamp(query.until);
  const tail = readTail(query.tail);
  const wanted: LogQuery = {
    stdout: query.stdout,
    stderr: query.stderr,
    follow: query.follow,
    ...(tail !== undefined && { tail }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
  const { batches } = verbs.containers.logs(params["name"] ?? "", wanted, exchange.signal);
  const sink = exchange.begin(mediaTypeOf(tty, version));
  const writer = new StreamWriter(sink, { raw: tty });
  await replay(batches, writer, { timestamps: query.timestamps, details: query.details });
  sink.end();
}

async function attach(call: Call<"containerAttach">): Promise<void> {
  const { exchange, params, query, verbs, version } = call;
  const name = params["name"] ?? "";
  try {
    const keys = parseDetachKeys(query.detachKeys, (text) => `Invalid detach keys (${text}) provided`);
    const { spec } = verbs.containers.get(name).container;
    const mediaType = mediaTypeOf(spec.tty, version);
    if (!query.stream) {
      const taken = await exchange.takeOver(mediaType);
      await replayLogs(call, taken.sink, { raw: spec.tty });
      taken.end();
      return;
    }
    const { attachment, detached } = await verbs.containers.attach(name);
    await using held = attachment;
    const taken = await exchange.takeOver(mediaType);
    await replayLogs(call, taken.sink, { raw: spec.tty });
    await converse(taken, held, {
      raw: spec.tty,
      closesStdin: spec.stdinOnce && !spec.tty,
      stdin: query.stdin && spec.openStdin,
      stdout: query.stdout,
      stderr: query.stderr,
      ...(spec.tty && { detach: { watch: new DetachWatch(keys), left: detached } }),
    });
  } catch (error) {
    if (exchange.begun || !(error instanceof EngineError)) throw error;
    exchange.refuseTakeOver(statusLines[statusOfFault[error.fault]] ?? "500 Internal Server Error", messageOf(error));
  }
}

const statusLines: Readonly<Record<number, string>> = {
  400: "400 Bad Request",
  404: "404 Not Found",
  409: "409 Conflict",
  501: "501 Not Implemented",
  503: "503 Service Unavailable",
};

type Replay = Pick<Call<"containerAttach">, "exchange" | "params" | "verbs"> & {
  readonly query: { readonly logs: boolean; readonly stdout: boolean; readonly stderr: boolean };
};

/** Writes what the process has said so far, where the client asked for that. */
export async function replayLogs(
  { exchange, params, query, verbs }: Replay,
  sink: Writable,
  { raw }: { readonly raw: boolean },
): Promise<void> {
  if (!query.logs || (!query.stdout && !query.stderr)) return;
  const wanted = { stdout: query.stdout, stderr: query.stderr, follow: false };
  const { batches } = verbs.containers.logs(params["name"] ?? "", wanted, exchange.signal);
  await replay(batches, new StreamWriter(sink, { raw }), { timestamps: false, details: false });
}

export interface Conversation {
  /** Bare bytes; otherwise each stream in frames of its own. */
  readonly raw: boolean;
  /** The client's end of input is the process's; otherwise it is the end of the conversation, as Docker has it. */
  readonly closesStdin: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** What to look for in the input, and who is told when it came. */
  readonly detach?: { readonly watch: DetachWatch; readonly left: () => void };
}

/** Carries bytes both ways until the process has said all, the client is gone, or it detached. */
export async function converse(taken: Talk, attachment: Attachment, how: Conversation): Promise<void> {
  const talking = how.stdin ? listen(taken, attachment, how) : ignore(taken);
  const writer = new StreamWriter(taken.sink, { raw: how.raw });
  const leaving = Promise.race([talking, taken.closed.then(() => "gone" as const)]).then((end) => (end === "gone" ? end : taken.closed));
  await Promise.race([speak(attachment.output, writer, how), leaving]);
  // What the process says from here on is not for this client; the attachment's end ends the reading of it.
  writer.close();
  taken.end();
}

async function speak(output: AsyncIterable<StreamPiece>, writer: StreamWriter, how: Conversation): Promise<void> {
  for await (const piece of output) {
    const wanted = piece.stream === "stderr" ? how.stderr : how.stdout;
    if (wanted && !(await writer.push(piece))) return;
  }
  await writer.flush();
}

/** Takes the client's input to the process. "gone" when the conversation is over while the process is not. */
async function listen(taken: Talk, attachment: Attachment, how: Conversation): Promise<"gone" | "silent"> {
  const { detach } = how;
  const detached = Promise.withResolvers<"gone">();
  const received = taken.receive(async (bytes) => {
    const { pass, detached: left } = detach === undefined ? { pass: bytes, detached: false } : detach.watch.push(bytes);
    if (pass.length > 0) await attachment.write(pass);
    if (!left) return;
    detach?.left();
    detached.resolve("gone");
  });
  try {
    const end = await Promise.race([received, detached.promise]);
    if (end === "gone" || !how.closesStdin) return "gone";
    await attachment.end();
  } catch {
    // The process takes no more input: it ended, and its last words may still be on their way.
    taken.ignoreInput();
  }
  return "silent";
}

async function ignore(taken: Talk): Promise<"silent"> {
  taken.ignoreInput();
  return "silent";
}

/** Writes a log as Docker shows it: one frame a piece, the time before the first piece of each line. */
async function replay(
  batches: AsyncIterable<Iterable<LogEntry>>,
  writer: StreamWriter,
  show: { readonly timestamps: boolean; readonly details: boolean },
): Promise<void> {
  const inLine = { stdout: false, stderr: false };
  const isPlain = !show.timestamps && !show.details;
  for await (const batch of batches) {
    if (!(await writer.pushAll(isPlain ? batch : prefixed(batch)))) return;
  }

  function* prefixed(entries: Iterable<LogEntry>): Generator<StreamPiece, void, void> {
    for (const entry of entries) yield { stream: entry.stream, bytes: withPrefix(entry) };
  }

  function withPrefix(entry: LogEntry): Uint8Array {
    const isFirst = !inLine[entry.stream];
    inLine[entry.stream] = entry.partial;
    if (!isFirst) return entry.bytes;
    return Buffer.concat([Buffer.from(`${show.timestamps ? `${fixedTime(entry.at)} ` : ""}${show.details ? " " : ""}`), entry.bytes]);
  }
}

/** RFC 3339 with all nine digits, as logs have it. */
function fixedTime(at: Instant): string {
  const text = formatInstant(at);
  const [whole = "", fraction = ""] = text.slice(0, -1).split(".");
  return `${whole}.${fraction.padEnd(9, "0")}Z`;
}

function readTail(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]+$/.test(text)) return undefined;
  return Number(text);
}

/** Unix seconds with a fraction, or RFC 3339; 0 is no bound. @throws internal, as Docker does */
function readTimestamp(text: string | undefined): Instant | undefined {
  return text === undefined || text === "" || text === "0" ? undefined : readInstant(text);
}
