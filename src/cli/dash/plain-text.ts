// What containers say and are called goes to a terminal only as text: whoever runs in one must not be able to move the cursor, set the
// title, write the clipboard or draw what is not there.

const esc = "\u001b";
/** The same controls in eight bits: CSI, string terminator, and what begins a string (DCS, SOS, OSC, PM, APC). */
const csi = "\u009b";
const end = "\u009c";
const begins = "\u0090\u0098\u009d-\u009f";
const bell = "\u0007";

/** Sequences as ECMA-48 has them: CSI, then OSC and its kin up to their end, then everything else that begins with ESC. */
const sequences = new RegExp(
  [
    `(?:${esc}\\[|${csi})[0-?]*[ -/]*[@-~]`,
    `(?:${esc}[\\]PX^_]|[${begins}])[^${bell}${esc}${end}]*(?:${bell}|${esc}\\\\|${end})?`,
    `${esc}[ -/]*[0-~]?`,
  ].join("|"),
  "g",
);

/** Controls that are left, and marks that turn the direction of what follows. */
const controls = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** The text without sequences and controls; a tab is blanks. */
export function plainText(text: string): string {
  return text.replaceAll(sequences, "").replaceAll("\t", "    ").replaceAll(controls, "");
}
