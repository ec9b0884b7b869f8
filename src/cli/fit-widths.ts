/** Below this a column tells nothing any more. */
const least = 8;

/** Widths of columns that fit a screen: the widest give way first, and none becomes narrower than it can be read. */
export function fitWidths(widths: readonly number[], columns: number, padding: number): number[] {
  const fitting = [...widths];
  for (let excess = sum(fitting) - columns; excess > 0;) {
    const widest = fitting.indexOf(Math.max(...fitting));
    const second = Math.max(least + padding, ...fitting.filter((_, index) => index !== widest));
    const step = Math.min(excess, Math.max(1, (fitting[widest] ?? 0) - second));
    if ((fitting[widest] ?? 0) - step < least + padding) break;
    fitting[widest] = (fitting[widest] ?? 0) - step;
    excess -= step;
  }
  return fitting;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
