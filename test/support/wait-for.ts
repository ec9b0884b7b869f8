interface WaitOptions {
  /** What is waited for, for the error. */
  readonly what: string;
  /** Milliseconds; 10,000. */
  readonly deadline?: number;
  /** Milliseconds between looks; 10. */
  readonly every?: number;
}

/** Looks until `look` gives a value that is neither undefined nor false, and returns it. @throws at the deadline, naming what was missing */
export async function waitFor<Value>(
  look: () => Value | undefined | false | Promise<Value | undefined | false>,
  { what, deadline = 10_000, every = 10 }: WaitOptions,
): Promise<Value> {
  const end = performance.now() + deadline;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`${what}: not within ${deadline / 1000} s`);
    await Bun.sleep(every);
  }
}
