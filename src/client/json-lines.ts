/** Values of a stream of JSON documents, one a line (events, progress). @throws SyntaxError for a line that is none */
export async function* jsonLines<T>(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<T, void> {
  for await (const line of textLines(chunks)) {
    if (line.trim() !== "") yield JSON.parse(line) as T;
  }
}

/** Lines of UTF-8 text without their end; the last one needs none. */
export async function* textLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let held = "";
  for await (const chunk of chunks) {
    const lines = (held + decoder.decode(chunk, { stream: true })).split("\n");
    held = lines.pop() ?? "";
    for (const line of lines) yield line;
  }
  held += decoder.decode();
  if (held !== "") yield held;
}
