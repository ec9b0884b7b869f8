import { type Digest, streamOf } from "#base";
import { applyChanges } from "#image";
import type { ImportRequest, Progress } from "./verbs.ts";
import { compose } from "./compose.ts";
import type { ImageNeeds } from "./needs.ts";
import { ProgressChannel } from "./progress-channel.ts";

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

/** As importTree, of what lies behind a URL. */
export async function* importFrom(needs: ImageNeeds, url: string, request: ImportRequest): AsyncGenerator<Progress> {
  const address = url.includes("://") ? url : `http://${url}`;
  const { size, bytes } = await needs.downloads.download(address, request.signal);
  yield { status: `Downloading from ${address}` };
  const channel = new ProgressChannel();
  const tree = counted(bytes, (current) => channel.push({ status: "Importing", current, ...(size !== undefined && { total: size }) }));
  const comment = request.comment === "" ? `Imported from ${address}` : request.comment;
  channel.follow(importTree(needs, streamOf(tree), { ...request, comment }).then((id) => channel.push({ status: id })));
  yield* channel;
}

/** Milliseconds between two lines. */
const pace = 100;

async function* counted(bytes: ReadableStream<Uint8Array>, tell: (count: number) => void): AsyncGenerator<Uint8Array> {
  let count = 0;
  let told = 0;
  for await (const piece of bytes) {
    count += piece.length;
    yield piece;
    if (performance.now() - told < pace) continue;
    told = performance.now();
    tell(count);
  }
  tell(count);
}
