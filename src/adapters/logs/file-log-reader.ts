import type { LogEntry, LogQuery, LogReader } from "#log";
import { type LogFile, logPaths, nextLogFile, openLogFile } from "./log-files.ts";
import { LogGrowth } from "./log-growth.ts";
import { LogParser } from "./log-record.ts";
import { findTail } from "./log-tail.ts";

/** More is no quicker, and each reader that lags holds the records of a few of these. */
const chunkSize = 65_536;

type ReadOptions = Parameters<LogReader["read"]>[2];

interface Position {
  readonly file: LogFile;
  readonly offset: number;
}

/** Reads the monitor's file and what was rotated away from it. */
export class FileLogReader implements LogReader {
  async *read(path: string, query: LogQuery, options: ReadOptions): AsyncGenerator<Iterable<LogEntry>, void, void> {
    using growth = new LogGrowth(path, query.follow, options);
    const parser = new LogParser(query);
    for await (const chunk of chunks(path, query.tail, growth)) {
      if (growth.isAborted) return;
      yield parser.take(chunk);
      if (parser.isPast) return;
    }
    const rest = parser.finish();
    if (rest.length > 0 && !growth.isAborted) yield rest;
  }
}

/** The bytes of a log in the order of writing, through all its files, until it has ended. */
async function* chunks(path: string, tail: number | undefined, growth: LogGrowth): AsyncGenerator<Uint8Array, void, void> {
  const position = (await startOf(path, tail)) ?? (await firstWritten(path, growth));
  if (position === undefined) return;
  let { file, offset } = position;
  let next: LogFile | undefined;
  try {
    for (;;) {
      // Both before the read: what happens meanwhile must not be missed.
      const { isOver } = growth;
      const change = growth.next();
      const chunk = await readChunk(file, offset);
      offset += chunk.length;
      if (chunk.length > 0) {
        yield chunk;
      } else if (next !== undefined) {
        // A second look at the old file found nothing more, and since the new one exists nothing more will come.
        await file[Symbol.asyncDispose]();
        [file, offset, next] = [next, 0, undefined];
      } else {
        next = await nextLogFile(path, file);
        if (next === undefined && isOver) return;
        if (next === undefined) await change;
      }
    }
  } finally {
    await file[Symbol.asyncDispose]();
    await next?.[Symbol.asyncDispose]();
  }
}

/** Where reading begins: the oldest file, or the place behind which `tail` lines lie. */
async function startOf(path: string, tail: number | undefined): Promise<Position | undefined> {
  for (;;) {
    const paths = await logPaths(path);
    const start = await startAmong(paths, path, tail);
    // A rotation while we looked: the oldest may have got another name meanwhile.
    if ((await logPaths(path)).at(-2) === paths.at(-2)) return start;
    await start?.file[Symbol.asyncDispose]();
  }
}

async function startAmong(paths: readonly string[], path: string, tail: number | undefined): Promise<Position | undefined> {
  let start: Position | undefined;
  let missing = tail;
  for (const candidate of missing === undefined ? paths : paths.toReversed()) {
    const file = await openLogFile(candidate);
    if (file === undefined) continue;
    if (missing === undefined) return { file, offset: 0 };
    const found = await findTail(file.handle, { lines: missing, isNewest: candidate === path });
    await start?.file[Symbol.asyncDispose]();
    start = { file, offset: found.offset };
    missing = found.missing;
    if (missing === 0) break;
  }
  return start;
}

/** Waits for the log's first file; undefined when it ended without one. */
async function firstWritten(path: string, growth: LogGrowth): Promise<Position | undefined> {
  for (;;) {
    const { isOver } = growth;
    const change = growth.next();
    const start = await startOf(path, undefined);
    if (start !== undefined) return start;
    if (isOver) return undefined;
    await change;
  }
}

async function readChunk(file: LogFile, offset: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(chunkSize);
  const { bytesRead } = await file.handle.read(bytes, 0, chunkSize, offset);
  return bytes.subarray(0, bytesRead);
}
