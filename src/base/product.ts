import { version } from "../../package.json";

declare const GANTRY_COMMIT: string | undefined;

/** Version and commit of this build; from source the commit is "source". */
export const product: { readonly version: string; readonly commit: string } = {
  version,
  commit: typeof GANTRY_COMMIT === "undefined" ? "source" : GANTRY_COMMIT,
};
