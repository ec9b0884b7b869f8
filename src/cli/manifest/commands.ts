import type { Entry } from "../catalogue-entry.ts";

/** Commands for manifests at registries and for lists of them that are put together here. */
export const manifestCommands: readonly Entry[] = [
  {
    paths: ["manifest annotate"],
    summary: "Add additional information to a local image manifest",
    load: async () => (await import("./annotate.ts")).manifestAnnotateCommand,
  },
  {
    paths: ["manifest create"],
    summary: "Create a local manifest list for annotating and pushing to a registry",
    load: async () => (await import("./create.ts")).manifestCreateCommand,
  },
  {
    paths: ["manifest inspect"],
    summary: "Display an image manifest, or manifest list",
    load: async () => (await import("./inspect.ts")).manifestInspectCommand,
  },
  {
    paths: ["manifest push"],
    summary: "Push a manifest list to a repository",
    load: async () => (await import("./push.ts")).manifestPushCommand,
  },
  {
    paths: ["manifest rm"],
    summary: "Delete one or more manifest lists from local storage",
    load: async () => (await import("./rm.ts")).manifestRmCommand,
  },
];
