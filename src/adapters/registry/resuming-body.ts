import { fault, messageOf } from "#base";
import { backOff } from "./retry.ts";

interface ResumeOptions {
  /** Bytes that the whole body has. */
  readonly size: number;
  /** Asks for the body again from an offset, after so many milliseconds. */
  reopen(offset: number, wait: number): Promise<ReadableStream<Uint8Array>>;
  /** Connections in a row that may break without a byte between them. */
  readonly attempts: number;
  readonly signal: AbortSignal;
}

/**
 * A body that outlives its connection: when it breaks off early, the rest is asked for from where it stopped (RFC 9110 section 14.2).
 * Bytes are not verified here. Errors after `attempts` broken connections without progress; ends early where the server's body is short.
 */
export function resumingBody(first: ReadableStream<Uint8Array>, options: ResumeOptions): ReadableStream<Uint8Array> {
  const { attempts } = options;
  let reader = first.getReader();
  let offset = 0;
  let failures = 0;
  const next = async (): Promise<Uint8Array | undefined> => {
    for (;;) {
      try {
        const { done, value } = await reader.read();
        if (done && offset < options.size && failures < attempts)
          throw new Error(`connection ended after ${offset} of ${options.size} bytes`);
        if (done) return undefined;
        offset += value.length;
        failures = 0;
        return value;
      } catch (error) {
        options.signal.throwIfAborted();
        failures += 1;
        if (failures >= attempts) throw fault("unavailable", `download broke off: ${messageOf(error)}`, { cause: error });
        reader = (await options.reopen(offset, failures > 1 ? backOff(failures - 1) : 0)).getReader();
      }
    }
  };
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const piece = await next();
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** A body without its first bytes. Errors where it is shorter. */
export function skipping(body: ReadableStream<Uint8Array>, count: number): ReadableStream<Uint8Array> {
  let rest = count;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (piece, controller) => {
        const skipped = Math.min(rest, piece.length);
        rest -= skipped;
        if (skipped < piece.length) controller.enqueue(piece.subarray(skipped));
      },
      flush: () => {
        if (rest > 0) throw fault("unavailable", `registry sent fewer than the ${count} bytes that it had sent before`);
      },
    }),
  );
}
