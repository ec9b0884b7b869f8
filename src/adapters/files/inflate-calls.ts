// Decoders that work in the thread that calls them, asked step by step: a little archive may hold much, and nobody is to keep all of it.
import { type Compression, fault } from "#base";
import { decoders, type StepwiseDecoder } from "#linux";

const inflating = new Map<number, StepwiseDecoder>();

/** @throws unsupported where there is no decoder */
function beginInflate(session: number, compression: Compression): void {
  const decoding = decoders[compression];
  if (decoding.kind !== "steps") throw new Error(`${compression} is not decoded in a thread`);
  inflating.set(session, decoding.open());
}

/** The next plain bytes, of `packed` when it is given; undefined when more are needed. @throws invalid */
function inflate(session: number, packed?: Uint8Array): Uint8Array | undefined {
  const decoder = decoderOf(session);
  if (packed !== undefined) decoder.push(packed);
  return decoder.next();
}

/** No more comes. @throws invalid when something is missing */
function finishInflate(session: number): void {
  decoderOf(session).finish();
}

function decoderOf(session: number): StepwiseDecoder {
  const decoder = inflating.get(session);
  if (decoder === undefined) throw fault("unavailable", "the thread that inflated the archive was written off");
  return decoder;
}

/** Lets go of what a session holds; idempotent. */
function endInflate(session: number): void {
  inflating.get(session)?.[Symbol.dispose]();
  inflating.delete(session);
}

export const inflateCalls = { beginInflate, inflate, finishInflate, endInflate };
