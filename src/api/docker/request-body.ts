import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { readChunks } from "./chunked-body.ts";

/** Where a body lies: on the request, or at the head of an upgraded connection. */
export type BodySource = IncomingMessage | UpgradedBody;

export interface UpgradedBody {
  readonly socket: Socket;
  /** Shrinks to what is left behind the body. */
  rest: Uint8Array;
  /** Shrinks to zero when the body was read. */
  length: number | "chunked";
}

/** A body beyond the limit: 413. */
export class TooLarge extends Error {
  constructor(limit: number) {
    super(`request body is larger than ${limit} bytes`);
    this.name = "TooLarge";
  }
}

/** Reads a whole body. @throws TooLarge; Error when the client went away in the middle */
export async function readBody(source: BodySource, limit: number): Promise<Uint8Array> {
  return "rest" in source ? readUpgraded(source, limit) : readRequest(source, limit);
}

async function readRequest(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  const announced = Number(request.headers["content-length"] ?? "0");
  if (announced > limit) throw new TooLarge(limit);
  const pieces: Uint8Array[] = [];
  let size = 0;
  return new Promise((settle, reject) => {
    request.on("data", (piece: Uint8Array) => {
      size += piece.length;
      if (size > limit) reject(new TooLarge(limit));
      else pieces.push(piece);
    });
    request.once("end", () => settle(Buffer.concat(pieces)));
    request.once("error", reject);
    request.once("close", () => reject(new Error("the client went away")));
  });
}

async function readUpgraded(source: UpgradedBody, limit: number): Promise<Uint8Array> {
  if (source.length === "chunked") return readUpgradedChunks(source, limit);
  if (source.length > limit) throw new TooLarge(limit);
  while (source.rest.length < source.length) {
    const more = await nextBytes(source.socket);
    if (more === undefined) throw new Error("the client went away");
    source.rest = Buffer.concat([source.rest, more]);
  }
  const body = source.rest.subarray(0, source.length);
  source.rest = source.rest.subarray(source.length);
  source.length = 0;
  return body;
}

async function readUpgradedChunks(source: UpgradedBody, limit: number): Promise<Uint8Array> {
  for (;;) {
    const rest = Buffer.from(source.rest);
    const read = readChunks(rest);
    if ((read?.body ?? rest).length > limit) throw new TooLarge(limit);
    if (read !== undefined) {
      source.rest = rest.subarray(read.end);
      source.length = 0;
      return read.body;
    }
    const more = await nextBytes(source.socket);
    if (more === undefined) throw new Error("the client went away");
    source.rest = Buffer.concat([rest, more]);
  }
}

function nextBytes(socket: Socket): Promise<Uint8Array | undefined> {
  return new Promise((settle) => {
    const finish = (bytes: Uint8Array | undefined): void => {
      socket.pause();
      socket.off("data", finish).off("end", over).off("close", over);
      settle(bytes);
    };
    const over = (): void => finish(undefined);
    socket.on("data", finish).once("end", over).once("close", over);
    socket.resume();
  });
}

/** A body that its reader holds back. Cancelling drops the rest, so that the reply still has a connection to go out on. */
export function streamBody(request: IncomingMessage): ReadableStream<Uint8Array> {
  let over = false;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        request.pause();
        request.on("data", (bytes: Uint8Array) => {
          if (over) return;
          controller.enqueue(bytes);
          if ((controller.desiredSize ?? 0) <= 0) request.pause();
        });
        request.once("end", () => {
          if (!over) controller.close();
          over = true;
        });
        request.once("close", () => {
          if (!over) controller.error(new Error("the client went away"));
          over = true;
        });
      },
      pull() {
        request.resume();
      },
      cancel() {
        over = true;
        request.resume();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: 1 << 20 }),
  );
}
