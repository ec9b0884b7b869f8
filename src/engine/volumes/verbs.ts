import type { Volume } from "#volume";
import type { PruneFilters } from "../verbs.ts";

/** A volume with where it lies. */
export interface VolumeView {
  readonly volume: Volume;
  readonly mountpoint: string;
}

/** Values of one key are alternatives, labels are conditions each. */
export interface VolumeFilters {
  /** Parts of names. */
  readonly names?: readonly string[];
  readonly labels?: readonly string[];
  readonly drivers?: readonly string[];
  /** Whether no container has it. */
  readonly isDangling?: boolean;
}

export type VolumePruneFilters = Omit<PruneFilters, "until"> & { readonly named: boolean };

export interface VolumePruneResult {
  readonly deleted: readonly string[];
  /** Bytes. */
  readonly reclaimed: number;
}

export interface VolumeUsage {
  readonly view: VolumeView;
  readonly users: number;
  /** Bytes; -1 when it could not be measured. */
  readonly size: number;
}

export interface VolumeVerbs {
  /** "" is a volume that nobody named. One that is there stays as it is. @throws invalid in Docker's words */
  create(request: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly options?: Readonly<Record<string, string>>;
  }): Promise<VolumeView>;
  /** @throws not-found "get x: no such volume" */
  get(name: string): VolumeView;
  list(filters: VolumeFilters): readonly VolumeView[];
  /** Measures on disk what lies in each that is kept here. */
  usage(): Promise<readonly VolumeUsage[]>;
  /** @throws conflict while a container has it, running or not, or when there is a volume of the other name */
  rename(name: string, to: string): Promise<VolumeView>;
  /** A volume with the same content; by reference where the file system can. @throws conflict when there is one of that name */
  clone(name: string, to: string): Promise<VolumeView>;
  /** A tar of what lies in it. @throws not-found */
  export(name: string): Promise<AsyncIterable<Uint8Array>>;
  /** Makes a volume, or fills one that is empty, from a tar; all of it or nothing. @throws conflict when it is not empty, or in use */
  import(name: string, archive: AsyncIterable<Uint8Array>): Promise<VolumeView>;
  /** @throws conflict while a container has it, running or not */
  remove(name: string): Promise<void>;
  /** @throws conflict while another prune runs */
  prune(filters: VolumePruneFilters): Promise<VolumePruneResult>;
}
