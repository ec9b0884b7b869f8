import { createHash, type Hash } from "node:crypto";
import { type Compression, compressionOf, type Digest, longestMagic, streamOf } from "#base";
import { ByteSource, type Descriptor, mediaTypes, type SpooledFile } from "#image";
import { unpackLayer } from "./assemble.ts";
import type { Hold } from "./holds.ts";
import type { ImageNeeds } from "./needs.ts";
import { isUsed } from "./sweep.ts";

type Needs = Pick<ImageNeeds, "catalog" | "content" | "layers" | "spool" | "inflater" | "users">;

/** A layer that is in the stores, packed and unpacked. */
export interface AddedLayer {
  readonly blob: Descriptor;
  readonly diffId: Digest;
  readonly size: number;
}

/** The tar of nothing at all: two blocks of zeros. */
const emptyTar: Digest = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

const layerTypes = { gzip: mediaTypes.ociLayerGzip, zstd: mediaTypes.ociLayerZstd } as const;

/** Takes a tar in as a layer, which is to be settled before it is named: one that comes as gzip or zstd stays as it is, any other is packed as gzip. Undefined for one that holds nothing. @throws invalid */
export async function addLayer(
  needs: Needs,
  tar: ReadableStream<Uint8Array>,
  options: { readonly hold: Hold; readonly signal: AbortSignal },
): Promise<AddedLayer | undefined> {
  const packed = await packLayer(needs, tar, options);
  return packed.diffId === emptyTar ? undefined : { ...packed, size: await unpackLayer(needs, packed, options) };
}

/** Only the packed form of it, as a blob. @throws invalid */
export async function packLayer(
  needs: Pick<Needs, "catalog" | "content" | "spool" | "inflater" | "users">,
  tar: ReadableStream<Uint8Array>,
  { hold, signal }: { readonly hold: Hold; readonly signal: AbortSignal },
): Promise<Omit<AddedLayer, "size">> {
  await using source = new ByteSource(tar);
  const { file, diffId, packing } = await pack(needs, source, signal);
  await using packed = file;
  const blob = { mediaType: layerTypes[packing], digest: packed.digest, size: packed.size };
  await hold.take("blob", blob.digest);
  await needs.content.ingest(blob, packed.open(), { signal, isLasting: isUsed(needs, { kind: "blob", digest: blob.digest }) });
  return { blob, diffId };
}

interface PackedLayer {
  readonly file: SpooledFile;
  readonly diffId: Digest;
  readonly packing: keyof typeof layerTypes;
}

async function pack({ spool, inflater }: Pick<Needs, "spool" | "inflater">, source: ByteSource, signal: AbortSignal): Promise<PackedLayer> {
  const hash = createHash("sha256");
  const compression = compressionOf(await source.peek(longestMagic));
  if (!isKept(compression)) {
    const plain = streamOf(inflater.inflate(source.remainder()));
    const gzip = new CompressionStream("gzip") as unknown as ReadableWritablePair<Uint8Array, Uint8Array>;
    const file = await spool.add(hashed(plain, hash).pipeThrough(gzip), { signal });
    return { file, diffId: digestOf(hash), packing: "gzip" };
  }
  const file = await spool.add(source.remainder(), { signal });
  try {
    for await (const piece of inflater.inflate(file.open())) {
      signal.throwIfAborted();
      hash.update(piece);
    }
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
  return { file, diffId: digestOf(hash), packing: compression };
}

function isKept(compression: Compression | undefined): compression is keyof typeof layerTypes {
  return compression === "gzip" || compression === "zstd";
}

function hashed(bytes: ReadableStream<Uint8Array>, hash: Hash): ReadableStream<Uint8Array> {
  return bytes.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (piece, controller) => {
        hash.update(piece);
        controller.enqueue(piece);
      },
    }),
  );
}

function digestOf(hash: Hash): Digest {
  return `sha256:${hash.digest("hex")}`;
}
