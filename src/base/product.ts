import { version } from "../../package.json";

declare const GANTRY_COMMIT: string | undefined;
declare const GANTRY_BUILD_TIME: string | undefined;

/** Version and commit of this build, and the commit's time (RFC 3339); from source the commit is "source" and has no time. */
export const product: { readonly version: string; readonly commit: string; readonly buildTime: string } = {
  version,
  commit: typeof GANTRY_COMMIT === "undefined" ? "source" : GANTRY_COMMIT,
  buildTime: typeof GANTRY_BUILD_TIME === "undefined" ? "" : GANTRY_BUILD_TIME,
};
