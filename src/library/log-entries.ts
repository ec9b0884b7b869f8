import { type StreamPiece, splitFrames, textLines } from "#client";

/** What a container has written at once. */
export interface LogEntry {
  readonly stream: "stdout" | "stderr";
  /** RFC 3339 with nanoseconds; `new Date(time)` reads it. */
  readonly time: string;
  /** Without the end of the line. */
  readonly text: string;
  /** The line was too long for one entry, and goes on in the next of its stream. */
  readonly partial: boolean;
}

/** Longest entry that is held together, in bytes; daemons cut theirs at 16 KiB. */
const maxEntry = 1 << 20;

/** Entries of a log that was asked for with timestamps: one frame each, or one line each where a terminal knew no frames. */
export async function* logEntries(chunks: AsyncIterable<Uint8Array>, multiplexed: boolean): AsyncGenerator<LogEntry, void> {
  if (!multiplexed) {
    for await (const line of textLines(chunks)) yield entryOf("stdout", `${line.replace(/\r$/, "")}\n`);
    return;
  }
  for await (const { stream, bytes } of wholeFrames(splitFrames(chunks))) {
    yield entryOf(stream === 2 ? "stderr" : "stdout", new TextDecoder().decode(bytes));
  }
}

async function* wholeFrames(pieces: AsyncIterable<StreamPiece>): AsyncGenerator<StreamPiece, void> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    held.push(piece.bytes);
    size += piece.bytes.length;
    if (!piece.last && size < maxEntry) continue;
    yield held.length === 1 ? piece : { ...piece, bytes: Buffer.concat(held) };
    held = [];
    size = 0;
  }
}

function entryOf(stream: LogEntry["stream"], line: string): LogEntry {
  const space = line.indexOf(" ");
  const partial = !line.endsWith("\n");
  return { stream, time: line.slice(0, space), text: line.slice(space + 1, partial ? undefined : -1).replace(/\r$/, ""), partial };
}
