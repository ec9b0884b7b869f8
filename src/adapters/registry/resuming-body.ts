interface ResumeOptions {
  /** Bytes that the whole body has. */
  readonly size: number;
  /** Asks for the body again from an offset. */
  reopen(offset: number): Promise<ReadableStream<Uint8Array>>;
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
        if (failures >= attempts) throw error;
        reader = (await options.reopen(offset)).getReader();
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
