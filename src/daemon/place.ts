import type { Place } from "#base";
import type { DaemonOptions } from "./options/daemon-options.ts";

/** Every name and path of this daemon, from its options: two daemons that differ in exec root, data root and bridge share nothing. */
export function placeOf(options: DaemonOptions, bridgeCidr: string): Place {
  const { execRoot } = options;
  const { bridge } = options.network;
  const parent = options.cgroupParent.replaceAll(/^\/+|\/+$/g, "");
  return {
    dataRoot: options.dataRoot,
    runRoot: execRoot,
    pidFile: options.pidFile,
    bridge,
    bridgeCidr,
    nftTable: bridge === "gantry0" ? "gantry" : `gantry_${bridge}`,
    cgroupParent: parent === "" ? ownCgroup(options) : `/${parent}${ownCgroup(options)}`,
    group: options.group,
  };
}

/** The control group of this daemon alone, outside of whatever limits its containers. */
export function ownCgroup({ execRoot }: Pick<DaemonOptions, "execRoot">): string {
  return execRoot === "/run/gantry" ? "/gantry" : `/gantry${execRoot.replaceAll("/", "-")}`;
}
