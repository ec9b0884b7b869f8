// What containers say and are called goes to a terminal only as text: whoever runs in one must not be able to move the cursor, set the
// title, write the clipboard or draw what is not there.

/** Sequences as ECMA-48 has them: CSI, then OSC and its kin up to their end, then everything else that begins with ESC. */
const sequences =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;

/** Controls that are left, and marks that turn the direction of what follows. */
const controls = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** The text without sequences and controls; a tab is blanks. */
export function plainText(text: string): string {
  return text.replaceAll(sequences, "").replaceAll("\t", "    ").replaceAll(controls, "");
}
