// The image verbs over real stores in a folder of their own, with an in-memory table and the real registry client.
import { join } from "node:path";
import type { Announcer } from "#event";
import type { Room } from "../../src/engine/images/trim-blobs.ts";
import { type Images, type ImageRow, type ImageUser, type LayerBlobRow, openImages, type Progress } from "#engine";
import type { ContentStore, LayerStore } from "#image";
import { ThreadContainerFiles, ThreadInflater } from "#files";
import { HttpRegistry } from "#registry";
import { DirectoryArchiveSpool, type WantedDriver } from "#store";
import { readdir } from "node:fs/promises";
import { MemoryTable } from "./memory-table.ts";
import { makeStorePlace } from "./store-place.ts";

export interface ImagePlace extends AsyncDisposable {
  readonly images: Images;
  readonly content: ContentStore;
  readonly layers: LayerStore;
  /** Actions and actors announced so far, as "load sha256:...". */
  readonly events: readonly string[];
  readonly around: string;
  readonly dataRoot: string;
  /** Containers that images are told of. */
  readonly users: ImageUser[];
  /** The verbs that a next daemon would have. */
  reopen(): Promise<Images>;
  /** Blobs, layers and spooled files that are stored. */
  stored(): Promise<{ readonly blobs: number; readonly layers: number; readonly spooled: number }>;
}

interface ImagePlaceOptions {
  /** Layers are trees unless another is wanted. */
  readonly driver?: WantedDriver;
  /** Asked whenever blobs of layers may be dropped. */
  readonly room?: Room;
}

const plenty: Room = { budget: undefined, disk: { free: 1, whole: 1 } };

export async function makeImagePlace({ driver, room = plenty }: ImagePlaceOptions = {}): Promise<ImagePlace> {
  const place = await makeStorePlace();
  const [content, layers] = await Promise.all([place.openContent(), place.openLayers(driver)]);
  const settler = place.openSettler();
  const folder = join(place.dataRoot, "content/spool");
  const spool = await DirectoryArchiveSpool.open({ folder });
  const events: string[] = [];
  const announcer: Announcer = { announce: ({ action, actorId }) => void events.push(`${action} ${actorId}`) };
  const users: ImageUser[] = [];
  const inflater = new ThreadInflater();
  const files = new ThreadContainerFiles(inflater);
  const rows = new Map<string, ImageRow>();
  const layerBlobs = new Map<string, LayerBlobRow>();
  const registry = new HttpRegistry();
  const platform = { os: "linux", architecture: "amd64" };
  const reopen = (): Promise<Images> =>
    openImages({
      content,
      layers,
      settler,
      spool,
      inflater,
      registry,
      downloads: registry,
      announcer,
      platform,
      users: () => users,
      lost: { any: false },
      parallelDownloads: () => 3,
      parallelUploads: () => 5,
      table: new MemoryTable(rows),
      layerBlobTable: new MemoryTable(layerBlobs),
      disk: async () => room.disk,
      layerBlobBudget: () => room.budget,
      layerTar: (diffId) => layers.archive(diffId) ?? files.storedLayer(layers.lowerdir(diffId), layers.implied(diffId)),
    });
  return {
    images: await reopen(),
    content,
    layers,
    events,
    users,
    around: place.around,
    dataRoot: place.dataRoot,
    reopen,
    stored: async () => ({
      blobs: (await content.list()).length,
      layers: (await layers.list()).length,
      spooled: (await readdir(folder)).length,
    }),
    [Symbol.asyncDispose]: async () => {
      await files[Symbol.asyncDispose]();
      await inflater[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

/** All progress of a verb, and the error it ended with. */
export async function collect(
  progress: AsyncIterable<Progress>,
): Promise<{ readonly lines: readonly Progress[]; readonly error?: unknown }> {
  const lines: Progress[] = [];
  try {
    for await (const line of progress) lines.push(line);
    return { lines };
  } catch (error) {
    return { lines, error };
  }
}

/** Bytes as the body of a request, in pieces that fit no boundary. */
export function inPieces(bytes: Uint8Array, size = 5_000): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull: (controller) => {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
  });
}
