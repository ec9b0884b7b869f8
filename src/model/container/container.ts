import type { Digest, Instant } from "#base";
import type { ImageRuntimeConfig, Platform } from "#image";
import type { Health } from "./health.ts";
import type { ContainerSpec } from "./spec.ts";
import type { State } from "./state.ts";

/** The image a container was made from, pinned: what a tag says later does not matter. */
export interface ContainerImage {
  /** The id that clients see: the target's digest. */
  readonly id: Digest;
  readonly manifest: Digest;
  /** Uncompressed layers, lowest first. */
  readonly layers: readonly Digest[];
  readonly config: ImageRuntimeConfig;
  readonly os: string;
  /** As the image's config says it; containers of earlier daemons do not know. */
  readonly platform?: Platform;
}

/** An image as far as a container that shows it holds it. */
export type HeldImage = Pick<ContainerImage, "id" | "layers">;

/** The images that a container cannot be without: its own, and those that are mounted into it. */
export function imagesOf({ image, spec }: Pick<Container, "image" | "spec">): readonly HeldImage[] {
  const mounted = (spec.host.imageMounts ?? []).flatMap((mount) => (mount.image === undefined ? [] : [mount.image]));
  return [image, ...mounted];
}

/** Whose container it is; decides who may restart or remove it. */
export type Owner = "api";

/** A container as the engine knows it. Immutable: a change makes a new one with a higher generation. */
export interface Container {
  readonly id: string;
  /** Without the leading slash of the wire. */
  readonly name: string;
  readonly owner: Owner;
  readonly created: Instant;
  readonly generation: number;
  readonly spec: ContainerSpec;
  readonly image: ContainerImage;
  readonly state: State;
  /** The sandbox it leases (network namespace, addresses, ports), while it has one. */
  readonly sandboxId?: string;
  readonly restartCount: number;
  /** While and after it runs, where it has a health check. */
  readonly health?: Health;
}
