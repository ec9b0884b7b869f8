// Works that run side by side: how many at once, how one that fails ends the others, how often each says where it is.

/** Milliseconds between two lines of progress about one blob. */
const progressInterval = 100;

/** Lets a report through when the last one is old enough. */
export function paced(report: (bytes: number) => void): (bytes: number) => void {
  let last = performance.now();
  return (bytes) => {
    const time = performance.now();
    if (time - last < progressInterval) return;
    last = time;
    report(bytes);
  };
}

/** At most `count` works at once, in the order they came. */
export function limit(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

/** All results, or the first error once every other work has noticed it and stopped. */
export async function allOrAbort<T>(works: readonly (() => Promise<T>)[], failed: AbortController): Promise<readonly T[]> {
  const first: { error?: unknown } = {};
  const results = await Promise.allSettled(
    works.map((work) =>
      work().catch((error: unknown) => {
        if (!("error" in first)) first.error = error;
        failed.abort(error);
        throw error;
      }),
    ),
  );
  if ("error" in first) throw first.error;
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
