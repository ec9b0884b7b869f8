/** The files of a log, as far as their growth is concerned. */
export interface LogRotation {
  /** Bytes of the file that is written; 0 where there is none. */
  size(path: string): Promise<number>;
  /** Renames the file away and removes all but the `keep` newest of the old ones. Whoever writes must then be told to open it anew. */
  rotate(path: string, keep: number): Promise<void>;
}
