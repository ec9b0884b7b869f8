import type { Entry } from "./catalogue-entry.ts";

/** Commands that Docker does not have. */
export const ownCommands: readonly Entry[] = [
  {
    paths: ["system check"],
    summary: "Read all that the engine keeps and say what is damaged",
    load: async () => (await import("./system/check.ts")).checkCommand,
  },
  {
    paths: ["system install"],
    summary: "Install gantry as a service of this machine",
    load: async () => (await import("./system/install.ts")).installCommand,
  },
  {
    paths: ["system uninstall"],
    summary: "Take away what system install made; containers and data stay",
    load: async () => (await import("./system/uninstall.ts")).uninstallCommand,
  },
  {
    paths: ["volume mv"],
    summary: "Give a volume another name",
    load: async () => (await import("./volume/mv.ts")).volumeMvCommand,
  },
  {
    paths: ["volume clone"],
    summary: "Make a volume with the content of another",
    load: async () => (await import("./volume/clone.ts")).volumeCloneCommand,
  },
  {
    paths: ["volume export"],
    summary: "Write what lies in a volume as a tar archive",
    load: async () => (await import("./volume/export.ts")).volumeExportCommand,
  },
  {
    paths: ["volume import"],
    summary: "Fill a volume from a tar archive",
    load: async () => (await import("./volume/import.ts")).volumeImportCommand,
  },
];
