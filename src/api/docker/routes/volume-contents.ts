import { fault } from "#base";
import type { Handlers } from "../call.ts";
import { writeAll } from "../stream-writer.ts";
import { volumeView } from "../views/volume.ts";

/** What Docker does not have: volumes by another name, as copies, and as archives. */
export const volumeContentRoutes: Handlers<"volumeRename" | "volumeClone" | "volumeExport" | "volumeImport"> = {
  volumeRename: async ({ exchange, params, query, verbs }) => {
    exchange.reply(200, volumeView(await verbs.volumes.rename(params["name"] ?? "", nameOf(query))));
  },
  volumeClone: async ({ exchange, params, query, verbs }) => {
    exchange.reply(201, volumeView(await verbs.volumes.clone(params["name"] ?? "", nameOf(query))));
  },
  volumeExport: async ({ exchange, params, verbs }) => {
    const pieces = await verbs.volumes.export(params["name"] ?? "");
    const sink = exchange.begin("application/x-tar");
    for await (const piece of pieces) if (!(await writeAll(sink, piece))) return;
    sink.end();
  },
  volumeImport: async ({ exchange, params, verbs }) => {
    exchange.reply(200, volumeView(await verbs.volumes.import(params["name"] ?? "", exchange.bodyStream())));
  },
};

function nameOf({ name = "" }: { readonly name: string | undefined }): string {
  if (name === "") throw fault("invalid", "bad parameter: name is the volume that is to be, and cannot be empty");
  return name;
}
