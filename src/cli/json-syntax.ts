import { messageOf } from "#base";
import { parseJson } from "#wire";

/** What is wrong with JSON text, in the words of Go's decoder. For text that JSON.parse has refused. */
export function describeSyntax(text: string): string {
  if (text.trim() === "") return "unexpected end of JSON input";
  try {
    parseJson(text);
    return "";
  } catch (error) {
    return messageOf(error).replace(/^invalid JSON: /, "");
  }
}
