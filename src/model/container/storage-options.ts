import { fault } from "#base";

const units: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40, p: 2 ** 50 };

/** Docker's sentence where the file system below has no quotas to give; scripts look for it. */
export const noQuota = "--storage-opt is supported only for overlay over xfs with 'pquota' mount option";

/** How many bytes a container may write, by its storage options: "size=10G". 0 and undefined are no limit. @throws invalid in Docker's words */
export function writableSize(options: Readonly<Record<string, string>> = {}): number | undefined {
  let size: number | undefined;
  for (const [key, value] of Object.entries(options)) {
    if (key.toLowerCase() !== "size") throw fault("invalid", `Unknown option ${key}`);
    size = parseSize(value);
  }
  return size;
}

function parseSize(text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,9})?) ?(?:([kmgtp])(?:i?b)?|b)?$/i.exec(text);
  const bytes = Math.trunc(Number(match?.[1]) * (units[match?.[2]?.toLowerCase() ?? ""] ?? 1));
  if (match === null || !Number.isSafeInteger(bytes)) throw fault("invalid", `invalid size: '${text}'`);
  return bytes;
}
