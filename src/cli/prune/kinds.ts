import { formatSize } from "#base";
import type { DockerClient, Filters, PrunedKind, PrunedReply } from "#client";

interface Kind {
  /** Before the list of what was removed. */
  readonly title: string;
  readonly lines: (reply: PrunedReply) => readonly string[];
}

const kinds: Readonly<Record<PrunedKind, Kind>> = {
  containers: { title: "Deleted Containers:", lines: (reply) => reply.ContainersDeleted ?? [] },
  networks: { title: "Deleted Networks:", lines: (reply) => reply.NetworksDeleted ?? [] },
  volumes: { title: "Deleted Volumes:", lines: (reply) => reply.VolumesDeleted ?? [] },
  images: {
    title: "Deleted Images:",
    lines: (reply) =>
      (reply.ImagesDeleted ?? []).map(({ Untagged, Deleted }) =>
        Untagged === undefined ? `deleted: ${Deleted}` : `untagged: ${Untagged}`,
      ),
  },
  build: { title: "Deleted build cache objects:", lines: (reply) => reply.CachesDeleted ?? [] },
};

interface Pruned {
  /** The title and a line for each, or nothing. */
  readonly text: string;
  /** Bytes. */
  readonly reclaimed: number;
}

/** Prunes one kind and says what went. */
export async function pruneKind(
  client: DockerClient,
  kind: PrunedKind,
  options: { readonly filters: Filters; readonly all?: boolean },
): Promise<Pruned> {
  const reply = await client.system.prune(kind, options);
  const { title, lines } = kinds[kind];
  const gone = lines(reply);
  const text = gone.length === 0 ? "" : `${title}\n${gone.map((line) => `${line}\n`).join("")}\n`;
  return { text, reclaimed: reply.SpaceReclaimed ?? 0 };
}

export function totalLine(reclaimed: number): string {
  return `Total reclaimed space: ${formatSize(reclaimed)}\n`;
}
