import { knows } from "#wire";
import type { Call, Handlers } from "../call.ts";
import { parseJsonPlatform } from "../platform.ts";
import { writeAll } from "../stream-writer.ts";

/** Images that leave as archives. */
export const imageArchiveRoutes: Handlers<"imageSave" | "imagesSave"> = {
  imageSave: (call) => save(call, [call.params["name"] ?? ""]),
  imagesSave: (call) => save(call, call.query.names),
};

async function save({ exchange, query, verbs, version }: Call<"imageSave" | "imagesSave">, names: readonly string[]): Promise<void> {
  const platform = knows(version, "platformOfArchive") ? parseJsonPlatform(query.platform) : undefined;
  const archive = verbs.images.save(names, { ...(platform !== undefined && { platform }), signal: exchange.signal });
  const pieces = archive[Symbol.asyncIterator]();
  const first = await pieces.next();
  const sink = exchange.begin("application/x-tar");
  try {
    for (let next = first; next.done !== true; next = await pieces.next()) if (!(await writeAll(sink, next.value))) return;
    sink.end();
  } finally {
    await pieces.return?.();
  }
}
