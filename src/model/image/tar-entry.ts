import type { ByteString } from "./byte-string.ts";

/** What an entry makes. */
export type TarEntryType = "file" | "hardlink" | "symlink" | "char" | "block" | "directory" | "fifo";

/** Seconds since the Unix epoch, rounded down, and nanoseconds behind them. */
export interface TarTime {
  readonly seconds: number;
  readonly nanos: number;
}

/** One member of an archive with its extensions (GNU, PAX) applied. */
export interface TarEntry {
  readonly type: TarEntryType;
  readonly name: ByteString;
  /** Target of a hard link (a name in the archive) or of a symbolic link. */
  readonly linkName: ByteString;
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of the file as it is read, holes included. */
  readonly size: number;
  readonly mtime: TarTime;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<ByteString, ByteString>;
  /** True when content comes in pieces with holes between. */
  readonly sparse: boolean;
  /** Where the content begins in the archive, for reading it later in place. */
  readonly offset: number;
}

/** Takes what a decoder finds, in the order of the archive. */
export interface TarSink {
  entry(entry: TarEntry): void;
  /** A piece of the last entry's content; `position` is its place in the file. The bytes are valid only during the call. */
  content(bytes: Uint8Array, position: number): void;
  /** All content of the last entry was given. */
  entryEnd(): void;
}
