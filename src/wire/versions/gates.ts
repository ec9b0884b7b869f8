import { isBelow, parseApiVersion, type ApiVersion } from "./api-version.ts";

/** The version from which on a part of a request or reply is there; before it, the part is ignored, as Docker does. */
const since = {
  removalByEngine: parseApiVersion("1.25"),
  binaryFrames: parseApiVersion("1.28"),
  bareNetworkList: parseApiVersion("1.28"),
  waitConditions: parseApiVersion("1.30"),
  platformOfCreate: parseApiVersion("1.41"),
  oneShotStats: parseApiVersion("1.41"),
  privateCgroupNamespace: parseApiVersion("1.41"),
  multiplexedMediaType: parseApiVersion("1.42"),
  streamsOfWebSocket: parseApiVersion("1.42"),
  signalOfStop: parseApiVersion("1.42"),
  consoleSizeOfExec: parseApiVersion("1.42"),
  typesOfUsage: parseApiVersion("1.42"),
  /** A prune of volumes spares those with a name. */
  anonymousVolumes: parseApiVersion("1.42"),
  sharedSizes: parseApiVersion("1.42"),
  severalEndpoints: parseApiVersion("1.44"),
  manifestsOfImageList: parseApiVersion("1.47"),
  manifestsOfImage: parseApiVersion("1.48"),
  platformOfPush: parseApiVersion("1.46"),
  platformOfHistory: parseApiVersion("1.48"),
  platformOfArchive: parseApiVersion("1.48"),
  platformOfImage: parseApiVersion("1.49"),
  platformsOfImageRemove: parseApiVersion("1.50"),
  imageCreateEvents: parseApiVersion("1.46"),
} as const;

export type Gate = keyof typeof since;

/** Whether a client of this version knows of it. */
export function knows(version: ApiVersion, gate: Gate): boolean {
  return !isBelow(version, since[gate]);
}
