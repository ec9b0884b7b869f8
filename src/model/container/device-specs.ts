import type { CdiSpec } from "./cdi-spec.ts";

/** A file that describes devices, or what is wrong with it. */
export interface DeviceSpecFile {
  readonly path: string;
  /** Where two files describe the same device, the higher one is meant. */
  readonly priority: number;
  readonly spec?: CdiSpec;
  readonly problem?: string;
}

/** Descriptions of devices that vendors leave in folders of the host. They may name programs to be run as root, so whoever may write them is root. */
export interface DeviceSpecs {
  /** False where the daemon was told to know of none. */
  readonly isEnabled: boolean;
  /** All of them, read anew; a folder that is not there has none. */
  read(): Promise<readonly DeviceSpecFile[]>;
}
