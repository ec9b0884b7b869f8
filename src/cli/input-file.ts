import { describeOpenError } from "./environment.ts";

/** The bytes of a file, or of standard input for "". @throws Error as Go says it */
export async function openInput(path: string): Promise<ReadableStream<Uint8Array>> {
  if (path === "") return Bun.stdin.stream();
  const file = Bun.file(path);
  try {
    const facts = await file.stat();
    if (facts.isDirectory()) throw Object.assign(new Error("is a directory"), { code: "EISDIR" });
  } catch (error) {
    throw new Error(describeOpenError(path, error), { cause: error });
  }
  return file.stream();
}
