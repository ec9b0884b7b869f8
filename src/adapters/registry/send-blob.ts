// One blob into a repository: an upload is begun, where another repository has the blob it may end there, else the bytes follow. What breaks off
// begins anew: a registry forgets an upload that nobody ends.
import type { BlobUpload, Descriptor } from "#image";
import { type PushTarget, send } from "./push.ts";
import { pushRefusal } from "./push-refusal.ts";
import { sendPatiently } from "./retry.ts";

/** Bytes of a piece, for registries that take no request as long as the blob; they may ask for longer ones. */
const pieceSize = 16 * 1024 * 1024;
const tooLong = 413;

type Upload = Pick<BlobUpload, "open" | "from" | "onProgress">;

/** See `RegistryPush.send`. */
export async function sendBlob(target: PushTarget, blob: Descriptor, upload: Upload): Promise<"sent" | "mounted" | "wanted"> {
  let stage: Stage = { method: "POST" };
  let inPieces = false;
  const attempt = async (): Promise<Response> => {
    stage = { method: "POST" };
    const begun = await begin(target, blob, upload.from);
    if (begun.status !== 202) return begun;
    await begun.body?.cancel();
    const place = target.connection.located(begun);
    if (upload.open === undefined) {
      await abandon(target, place);
      return begun;
    }
    stage = { method: "PUT" };
    const response = inPieces
      ? await sendPieces(target, blob, { ...upload, open: upload.open, place, size: pieceLength(begun), stage: (next) => (stage = next) })
      : await send(target, { method: "PUT", path: withDigest(place, blob), ...bodyOf(upload.open, blob.size, upload) });
    if (response.status !== tooLong || inPieces) return response;
    await response.body?.cancel();
    inPieces = true;
    return await attempt();
  };
  const response = await sendPatiently(attempt, target.patience);
  const { method } = stage;
  if (response.status === 202 && upload.open === undefined) return "wanted";
  const isMounted = method === "POST" && response.status === 201 && upload.from !== undefined;
  const isSent = method === "PUT" && [200, 201, 204].includes(response.status);
  if (!isMounted && !isSent) throw await pushRefusal(target, method, response);
  await response.body?.cancel();
  return isMounted ? "mounted" : "sent";
}

/** Which request it was that got the last answer. */
interface Stage {
  readonly method: "POST" | "PUT" | "PATCH";
}

function begin(target: PushTarget, { digest }: Descriptor, from: string | undefined): Promise<Response> {
  const query = from === undefined ? "" : `?${new URLSearchParams({ mount: digest, from }).toString()}`;
  return send(target, { method: "POST", path: `blobs/uploads/${query}`, headers: { "Content-Length": "0" } }, from);
}

/** An upload that was begun only to mount is given back; a registry that does not know how forgets it by itself. */
async function abandon(target: PushTarget, place: URL): Promise<void> {
  const response = await send(target, { method: "DELETE", path: place }).catch(() => undefined);
  await response?.body?.cancel();
}

interface Pieces extends Required<Pick<Upload, "open">>, Pick<Upload, "onProgress"> {
  readonly place: URL;
  readonly size: number;
  readonly stage: (stage: Stage) => void;
}

/** "Pushing a blob in chunks". The last answer, or the first that is no success. */
async function sendPieces(target: PushTarget, blob: Descriptor, { place, size, open, onProgress, stage }: Pieces): Promise<Response> {
  let next = place;
  let offset = 0;
  stage({ method: "PATCH" });
  for await (const piece of piecesOf(await open(), size)) {
    const headers = {
      "Content-Type": "application/octet-stream",
      "Content-Length": String(piece.length),
      "Content-Range": `${offset}-${offset + piece.length - 1}`,
    };
    const response = await send(target, { method: "PATCH", path: next, headers, body: piece });
    if (response.status !== 202) return response;
    await response.body?.cancel();
    next = target.connection.located(response);
    offset += piece.length;
    onProgress?.(offset);
  }
  stage({ method: "PUT" });
  return await send(target, { method: "PUT", path: withDigest(next, blob), headers: { "Content-Length": "0" } });
}

/** Bytes of a piece for the upload that this answer began. */
function pieceLength(begun: Response): number {
  return Math.max(pieceSize, Number(begun.headers.get("oci-chunk-min-length")) || 0);
}

function withDigest(place: URL, { digest }: Descriptor): URL {
  const url = new URL(place);
  url.searchParams.set("digest", digest);
  return url;
}

function bodyOf(
  open: NonNullable<Upload["open"]>,
  size: number,
  { onProgress }: Upload,
): { readonly headers: Readonly<Record<string, string>>; readonly body: () => Promise<ReadableStream<Uint8Array>> } {
  return {
    headers: { "Content-Type": "application/octet-stream", "Content-Length": String(size) },
    body: async () => counted(await open(), onProgress),
  };
}

function counted(bytes: ReadableStream<Uint8Array>, onProgress: Upload["onProgress"]): ReadableStream<Uint8Array> {
  if (onProgress === undefined) return bytes;
  let sent = 0;
  return bytes.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (piece, controller) => {
        sent += piece.length;
        onProgress(sent);
        controller.enqueue(piece);
      },
    }),
  );
}

async function* piecesOf(bytes: ReadableStream<Uint8Array>, size: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let gathered: Uint8Array[] = [];
  let length = 0;
  for await (const part of bytes) {
    for (let at = 0; at < part.length;) {
      const taken = part.subarray(at, at + size - length);
      gathered.push(taken.slice());
      at += taken.length;
      length += taken.length;
      if (length < size) continue;
      yield Buffer.concat(gathered);
      gathered = [];
      length = 0;
    }
  }
  if (length > 0) yield Buffer.concat(gathered);
}
