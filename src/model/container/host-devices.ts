import type { OciDevice } from "./runtime.ts";

/** Device nodes of the host, by paths that callers name. Links are followed; a path that hangs is given up as unavailable. */
export interface HostDevices {
  /** The device at a path, or every one below a folder, under the host's names: none in what is no device, undefined where nothing is. */
  find(path: string): Promise<readonly OciDevice[] | undefined>;
}
