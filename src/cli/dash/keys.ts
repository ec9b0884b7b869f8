/** Keys that the view knows by name; any other is its own character. */
const named: Readonly<Record<string, string>> = {
  "\u001b[A": "up",
  "\u001bOA": "up",
  "\u001b[B": "down",
  "\u001bOB": "down",
  "\u001b[5~": "page-up",
  "\u001b[6~": "page-down",
  "\u001b[H": "home",
  "\u001b[1~": "home",
  "\u001b[F": "end",
  "\u001b[4~": "end",
  "\u0003": "quit",
  "\u0004": "quit",
  q: "quit",
  Q: "quit",
  k: "up",
  j: "down",
};

const esc = "\u001b";
const sequence = new RegExp(`${esc}\\[[0-9;?]*[A-Za-z~]|${esc}O[A-Z]|.`, "gsu");

/** The keys in what a terminal sent. Sequences that nobody knows are dropped. */
export function readKeys(bytes: Uint8Array): string[] {
  const text = new TextDecoder().decode(bytes);
  const parts = text.match(sequence) ?? [];
  return parts.flatMap((part) => named[part] ?? (part.startsWith(esc) ? [] : [part]));
}
