import { fault } from "#base";

/** A number that is larger names no processor, and a range up to it would take long to count. */
const largest = 8192;

/** No more characters than it takes to name every processor alone. */
const longest = 5 * (largest + 1);

/** The numbers that "0-2,7" stands for (cpuset(7)), in the words of `whole` when it is none. @throws invalid, before it counts much */
export function parseCpuList(list: string, what: string): ReadonlySet<number> {
  const numbers = new Set<number>();
  if (list === "") return numbers;
  const refuse = (reason: string): Error => fault("invalid", `Invalid value ${list} for ${what}: ${reason}`);
  if (list.length > longest)
    throw fault("invalid", `Invalid value ${list.slice(0, 32)}... for ${what}: it is longer than any list of processors`);
  for (const part of list.split(",")) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (match === null || last < first) throw refuse(`invalid format: ${list}`);
    if (last > largest) throw refuse(`value of out range, maximum is ${largest}`);
    for (let number = first; number <= last; number += 1) numbers.add(number);
  }
  return numbers;
}

/** Every number of `asked` is in `available`. @throws invalid */
export function isWithin(asked: string, available: string, what: string): boolean {
  const there = parseCpuList(available, what);
  return [...parseCpuList(asked, what)].every((number) => there.has(number));
}
