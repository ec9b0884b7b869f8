/**
 * Host paths that callers bind into containers. Both calls follow links, as a mount of the path would, and are
 * given up as unavailable when the path hangs (a dead network file system). `make` leaves what is there as it is.
 */
export interface BindSources {
  exists(path: string): Promise<boolean>;
  make(path: string): Promise<void>;
}
