/** Nanoseconds as Go prints a duration: "1h0m0s", "1.5s", "100ms". */
export function durationText(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return "0s";
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  return (nanoseconds < 0n ? "-" : "") + (size < 1_000_000_000n ? small(size) : large(size));
}

function small(size: bigint): string {
  if (size < 1000n) return `${size}ns`;
  if (size < 1_000_000n) return `${Number(size) / 1000}µs`;
  return `${Number(size) / 1_000_000}ms`;
}

function large(size: bigint): string {
  const seconds = size / 1_000_000_000n;
  const fraction = (size % 1_000_000_000n).toString().padStart(9, "0").replace(/0+$/, "");
  const rest = `${seconds % 60n}${fraction === "" ? "" : `.${fraction}`}s`;
  if (seconds < 60n) return rest;
  const minutes = seconds / 60n;
  return minutes < 60n ? `${minutes}m${rest}` : `${minutes / 60n}h${minutes % 60n}m${rest}`;
}
