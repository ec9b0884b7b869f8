import type { Digest } from "#base";
import { applyChanges } from "#image";
import type { ImportRequest } from "./verbs.ts";
import { compose } from "./compose.ts";
import type { ImageNeeds } from "./needs.ts";

const bare = { user: "", env: [], workingDir: "", labels: {}, exposedPorts: [], volumes: [] };

/** An image of one layer, which is the tree that a tar holds. @throws invalid */
export async function importTree(
  needs: ImageNeeds,
  tree: ReadableStream<Uint8Array>,
  { name, comment, changes, platform, signal }: ImportRequest,
): Promise<Digest> {
  const runtime = applyChanges(bare, changes);
  const composition = {
    layer: tree,
    runtime,
    author: "",
    comment,
    createdBy: "",
    event: "import" as const,
    ...(name !== undefined && { name }),
    ...(platform !== undefined && { platform }),
  };
  return (await compose(needs, composition, signal)).id;
}
