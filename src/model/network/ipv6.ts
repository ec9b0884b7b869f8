import { formatIpv4, parseIpv4 } from "./ipv4.ts";

/** Reads an IPv6 address as its 16 bytes; undefined when the text is none. One with a zone is none: it means an interface, not an address. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const tail = text.slice(text.lastIndexOf(":") + 1);
  const four = tail.includes(".") ? parseIpv4(tail) : undefined;
  if (tail.includes(".") && four === undefined) return undefined;
  const whole = four === undefined ? text : `${text.slice(0, -tail.length)}${(four >>> 16).toString(16)}:${(four & 0xffff).toString(16)}`;
  const [head = "", rest, ...more] = whole.split("::");
  if (more.length > 0) return undefined;
  const [before, after] = [groupsOf(head), rest === undefined ? [] : groupsOf(rest)];
  const missing = 8 - before.length - after.length;
  if (rest === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => "0"), ...after];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return new Uint8Array(groups.flatMap((group) => [Number.parseInt(group, 16) >>> 8, Number.parseInt(group, 16) & 255]));
}

function groupsOf(text: string): readonly string[] {
  return text === "" ? [] : text.split(":");
}

/** The address as RFC 5952 writes it: small letters, the longest run of zeros left out. */
export function formatIpv6(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2, false));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return `::ffff:${formatIpv4(view.getUint32(12, false))}`;
  const text = groups.map((group) => group.toString(16)).join(":");
  const runs = [...text.matchAll(/\b0(?::0)+\b/g)].toSorted((one, other) => other[0].length - one[0].length);
  const [longest] = runs;
  if (longest === undefined) return text;
  return `${text.slice(0, longest.index)}::${text.slice(longest.index + longest[0].length)}`.replace(/:{3,}/, "::");
}
