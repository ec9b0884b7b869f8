import type { FileHandle } from "node:fs/promises";
import { layoutAt } from "./log-record.ts";

const newline = 0x0a;
const chunkSize = 262_144;

export interface TailQuery {
  readonly lines: number;
  /** Pieces at the end of an older file belong to a line of the next. */
  readonly isNewest: boolean;
}

export interface TailStart {
  /** Where the first wanted record begins. */
  readonly offset: number;
  /** Lines still wanted from the files before this one. */
  readonly missing: number;
}

/**
 * Where the last `lines` lines of a file begin, read from its end in chunks. A line is what ends with a record of tag F; pieces
 * at the end of the newest file are a line too.
 */
export async function findTail(handle: FileHandle, wanted: TailQuery): Promise<TailStart> {
  let end = (await handle.stat()).size;
  let later: Uint8Array = new Uint8Array(0);
  let offset = end;
  let missing = wanted.lines;
  let isOpen = wanted.isNewest;
  while (end > 0) {
    const start = Math.max(0, end - chunkSize);
    const bytes = new Uint8Array(end - start + later.length);
    await handle.read(bytes, 0, end - start, start);
    bytes.set(later, end - start);
    let recordEnd = bytes.lastIndexOf(newline);
    // Bytes behind the last newline are a record that is being written.
    if (later.length === 0 && recordEnd !== -1) offset = start + recordEnd + 1;
    while (recordEnd !== -1) {
      const before = recordEnd === 0 ? -1 : bytes.lastIndexOf(newline, recordEnd - 1);
      if (before === -1 && start > 0) break;
      const isLine = isOpen || layoutAt(bytes, before + 1, recordEnd)?.partial === false;
      if (isLine && missing === 0) return { offset, missing };
      if (isLine) missing -= 1;
      isOpen = false;
      offset = start + before + 1;
      recordEnd = before;
    }
    // The first record of the chunk may begin in the one before it.
    later = recordEnd === -1 ? bytes : bytes.slice(0, recordEnd + 1);
    end = start;
  }
  return { offset: 0, missing };
}
