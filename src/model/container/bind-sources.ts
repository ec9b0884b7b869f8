/**
 * Host paths that callers bind into containers. Both calls follow links, as a mount of the path would, and are
 * given up as unavailable when the path hangs (a dead network file system). `make` leaves what is there as it is.
 */
export interface BindSources {
  /** What is there: anything that is no folder is a file. */
  look(path: string): Promise<"folder" | "file" | undefined>;
  make(path: string): Promise<void>;
}
