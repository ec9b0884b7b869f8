import { describe, expect, test } from "bun:test";
import { plainText } from "./plain-text.ts";

describe("plainText()", () => {
  test.each([
    ["colours", "\u001b[1;31mred\u001b[0m", "red"],
    ["the clipboard", "a\u001b]52;c;aGk=\u0007b", "ab"],
    ["the title, ended by ST", "a\u001b]0;owned\u001b\\b", "ab"],
    ["a sequence that does not end", "a\u001b]52;c;aGk=", "a"],
    ["a sequence in a sequence", "a\u001b[\u001b[2Jb", "ab"],
    ["controls of eight bits", "a\u009b2Jb\u009d0;x\u009cc", "abc"],
    ["a device control string", "a\u001bPq#0\u001b\\b", "ab"],
    ["an escape at the end", "a\u001b", "a"],
    ["a reset", "a\u001bcb", "ab"],
    ["backspaces and returns", "safe\b\b\b\bevil\r\n\u0007\u007f", "safeevil"],
    ["turned directions", "a\u202egnp.exe\u2066b", "agnp.exeb"],
    ["a tab", "a\tb", "a    b"],
    ["nothing", "größe ✓ 漢字", "größe ✓ 漢字"],
  ])("takes away %s", (_, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  test("leaves no control of whatever is thrown at it", () => {
    const parts = ["\u001b", "[", "]", "P", "2", ";", "J", "\u0007", "\u009b", "\u009c", "\\", "x", "\u0000", "\u0085"];
    for (let round = 0; round < 5_000; round += 1) {
      const text = Array.from({ length: 12 }, () => parts[Math.floor(Math.random() * parts.length)]).join("");
      expect([text, /\p{Cc}/u.test(plainText(text))]).toEqual([text, false]);
    }
  });
});
