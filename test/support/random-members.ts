// Archives of chance: every kind of entry, names that meet each other, and orders that no tool writes. Most hold an entry that is refused
// somewhere; so they are short.
import { byteString } from "#image";
import type { ArchiveMember } from "./archive.ts";

type Random = () => number;

const names = ["a", "b", "\u00ff", "c".repeat(255), ".x", "-"];
const types = ["file", "file", "file", "directory", "directory", "symlink", "hardlink", "char", "fifo", "block"] as const;
const xattrs = [
  ["user.x", "1"],
  ["user.y", "\0\u00ff".repeat(300)],
  ["trusted.z", ""],
  ["security.s", "label"],
  ["trusted.overlay.opaque", "y"],
  ["nobody.knows", "this"],
] as const;

export function randomMembers(random: Random, count: number): readonly ArchiveMember[] {
  return Array.from({ length: count }, () => randomMember(random));
}

function randomMember(random: Random): ArchiveMember {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const path = (): string => Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(names)).join("/");
  const choice = random();
  if (choice < 0.08) return { name: `${path()}/.wh..wh..opq` };
  if (choice < 0.2) return { name: path().replace(/[^/]+$/, ".wh.$&") };
  const type = pick(types);
  const mtime = { seconds: Math.floor(random() * 2 ** 33) - 2 ** 30, nanos: Math.floor(random() * 1e9) };
  const base = {
    name: path(),
    type,
    mode: Math.floor(random() * 0o10000),
    uid: pick([0, 1, 100_000]),
    gid: pick([0, 4_000_000_000]),
    mtime,
  };
  const kept = xattrs.filter(() => random() < 0.2);
  const attributes = kept.length === 0 ? base : { ...base, xattrs: new Map(kept.map(([name, value]) => [name, value])) };
  if (type === "file") return { ...attributes, content: randomContent(random) };
  if (type === "symlink") return { ...attributes, linkName: pick([path(), `/${path()}`, `../${path()}`, "..", "x".repeat(600)]) };
  if (type === "hardlink") return { ...attributes, linkName: path() };
  return type === "char" || type === "block" ? { ...attributes, major: pick([0, 1, 4095]), minor: pick([0, 1, 300_000]) } : attributes;
}

function randomContent(random: Random): Uint8Array {
  const size = Math.floor(random() ** 4 * 20_000);
  return new TextEncoder().encode(byteString(new Uint8Array(size).fill(65 + Math.floor(random() * 26))));
}
