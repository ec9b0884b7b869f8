import type { Place } from "#base";
import type { DaemonOptions } from "./options/daemon-options.ts";

/** Every name and path of this daemon, from its options: two daemons that differ in exec root, data root and bridge share nothing. */
export function placeOf(options: DaemonOptions, bridgeCidr: string): Place {
  const { execRoot } = options;
  const { bridge } = options.network;
  return {
    dataRoot: options.dataRoot,
    runRoot: execRoot,
    pidFile: options.pidFile,
    bridge,
    bridgeCidr,
    nftTable: bridge === "gantry0" ? "gantry" : `gantry_${bridge}`,
    cgroupParent: execRoot === "/run/gantry" ? "/gantry" : `/gantry${execRoot.replaceAll("/", "-")}`,
    group: options.group,
  };
}
