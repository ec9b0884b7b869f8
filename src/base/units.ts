const decimal = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

/** Decimal size with up to `precision` significant digits, as docker's go-units HumanSize prints it ("1.24MB"). */
export function formatSize(bytes: number, precision = 4): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < decimal.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(precision))}${decimal[unit]}`;
}
