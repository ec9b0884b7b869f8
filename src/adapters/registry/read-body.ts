import { fault } from "#base";

/** Bytes of an answer that says something about itself: a token, an error. */
const maxReply = 1024 * 1024;

/** The whole body of a small answer. @throws invalid above `limit` bytes, which are not read */
export async function readAtMost(response: Response, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    size += piece.length;
    if (size > limit) throw fault("invalid", `registry answered with more than ${limit} bytes`);
    pieces.push(piece);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return bytes;
}

/** An answer's object; empty where it is none: its status says what it has to say. @throws invalid for a body that is too long */
export async function readJson(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const text = new TextDecoder().decode(await readAtMost(response, maxReply));
  try {
    const reply: unknown = JSON.parse(text);
    return typeof reply === "object" && reply !== null ? (reply as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}
