import { list, struct, text } from "./decode.ts";

/** Body of PUT /gantry/v1/manifests/{name}: an index, and the names with digest under which its manifests lie. */
export const indexRequest = struct("gantry.IndexRequest", { Index: text, Members: list(text) });
