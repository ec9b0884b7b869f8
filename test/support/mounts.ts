import { readFileSync } from "node:fs";

/** Mount points below a folder, the deepest first; one that is mounted over appears as often as it is. */
export function mountsBelow(folder: string): readonly string[] {
  const points = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "");
  return points.filter((point) => point.startsWith(`${folder}/`)).toSorted((one, other) => other.length - one.length);
}
