import { list, struct, text } from "./decode.ts";

/** A platform in a query parameter (OCI image specification, image index). */
export const platformRequest = struct("v1.Platform", {
  architecture: text,
  os: text,
  "os.version": text,
  "os.features": list(text),
  variant: text,
});
