import type { DockerClient } from "#client";
import type { Inspected } from "./inspect-each.ts";

/** Everything of which Docker has an `inspect`. */
export const objectKinds = ["config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"] as const;

export type ObjectKind = (typeof objectKinds)[number];

/** What a name without --type may be, in Docker's order; things of a swarm have to be asked for. */
export const guessed: readonly ObjectKind[] = ["container", "image", "network", "volume", "plugin"];

/** Where it is asked for, and the Go type that Docker reads it into. Of what belongs to a swarm the JSON itself is shown. */
const places: Readonly<Record<Exclude<ObjectKind, "container" | "image">, readonly [path: (name: string) => string, type?: string]>> = {
  config: [(name) => `/configs/${name}`],
  network: [(name) => `/networks/${name}`, "network.Inspect"],
  node: [(name) => `/nodes/${name}`],
  plugin: [(name) => `/plugins/${name}/json`],
  secret: [(name) => `/secrets/${name}`],
  service: [(name) => `/services/${name}`],
  task: [(name) => `/tasks/${name}`],
  volume: [(name) => `/volumes/${name}`, "volume.Volume"],
};

/** An object of that kind as the daemon tells of it. @throws DaemonError, with status 404 when there is none */
export async function findObject(client: DockerClient, kind: Exclude<ObjectKind, "container">, name: string): Promise<Inspected> {
  if (kind === "image") return { json: await client.images.inspectText(name), type: "image.InspectResponse" };
  const [path, type] = places[kind];
  const reply = await client.transport.request({ method: "GET", path: path(encodeURIComponent(name)) });
  return { json: await reply.text(), ...(type !== undefined && { type }) };
}
