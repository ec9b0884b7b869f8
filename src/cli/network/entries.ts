import type { Entry } from "../catalogue-entry.ts";

/** The commands below `network`. */
export const networkEntries: readonly Entry[] = [
  {
    paths: ["network connect"],
    summary: "Connect a container to a network",
    load: async () => (await import("./connect.ts")).networkConnectCommand,
  },
  {
    paths: ["network create"],
    summary: "Create a network",
    load: async () => (await import("./create.ts")).networkCreateCommand,
  },
  {
    paths: ["network disconnect"],
    summary: "Disconnect a container from a network",
    load: async () => (await import("./disconnect.ts")).networkDisconnectCommand,
  },
  {
    paths: ["network inspect"],
    summary: "Display detailed information on one or more networks",
    load: async () => (await import("../inspect.ts")).networkInspectCommand,
  },
  {
    paths: ["network ls", "network list"],
    summary: "List networks",
    load: async () => (await import("./ls.ts")).networkLsCommand,
  },
  {
    paths: ["network prune"],
    summary: "Remove all unused networks",
    load: async () => (await import("../prune/network.ts")).networkPruneCommand,
  },
  {
    paths: ["network rm", "network remove"],
    summary: "Remove one or more networks",
    load: async () => (await import("./rm.ts")).networkRmCommand,
  },
];
