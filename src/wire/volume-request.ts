import { record, struct, text } from "./decode.ts";

/** Body of POST /volumes/create. */
export const volumeRequest = struct("volume.CreateOptions", {
  Name: text,
  Driver: text,
  DriverOpts: record(text),
  Labels: record(text),
});
