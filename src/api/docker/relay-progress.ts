import { fault, isFault, messageOf } from "#base";
import type { Progress } from "#engine";
import { encodeProgress, failedProgress, formatBar, type ProgressLine } from "#wire";
import type { Exchange } from "./exchange.ts";
import { writeAll } from "./stream-writer.ts";

/** As relay, but what fails before the first line is the reply. */
export async function relayBegun(exchange: Exchange, progress: AsyncIterable<Progress>): Promise<void> {
  const lines = progress[Symbol.asyncIterator]();
  await relay(exchange, resumed(await ofRegistry(lines.next()), lines));
}

/** A registry that does not answer is a failure of this request; 503 would say that the engine is not ready. */
export async function ofRegistry<T>(work: Promise<T>): Promise<T> {
  return await work.catch((error: unknown) => {
    throw isFault(error, "unavailable") ? fault("internal", messageOf(error), { cause: error }) : error;
  });
}

/** Progress as lines; a failure after the status is one more line. */
export async function relay(
  exchange: Exchange,
  progress: AsyncIterable<Progress>,
  wanted = (_line: Progress): boolean => true,
): Promise<void> {
  const sink = exchange.begin("application/json");
  try {
    for await (const line of progress) if (wanted(line) && !(await writeAll(sink, encodeProgress(lineOf(line))))) return;
  } catch (error) {
    if (exchange.signal.aborted) return;
    sink.write(encodeProgress(failedProgress(messageOf(error))));
  }
  sink.end();
}

/** Fields in Docker's order; a layer's line and an aux have a progressDetail even when it says nothing. */
function lineOf({ id, status, stream, current, total, aux }: Progress): ProgressLine {
  const isLayer = id !== undefined && /^[0-9a-f]{12}$/.test(id);
  return {
    ...(stream !== undefined && { stream }),
    ...(status !== undefined && { status }),
    ...(current !== undefined && {
      progressDetail: { current, ...(total !== undefined && { total }) },
      progress: formatBar(current, total ?? 0),
    }),
    ...(current === undefined && (isLayer || aux !== undefined) && { progressDetail: {} }),
    ...(id !== undefined && { id }),
    ...(aux !== undefined && { aux }),
  };
}

async function* resumed(first: IteratorResult<Progress>, rest: AsyncIterator<Progress>): AsyncIterable<Progress> {
  for (let next = first; next.done !== true; next = await rest.next()) yield next.value;
}
