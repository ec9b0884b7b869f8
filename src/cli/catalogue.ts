import { networkEntries } from "./network/entries.ts";
import type { Entry, Loader } from "./catalogue-entry.ts";
import { manifestCommands } from "./manifest/commands.ts";
import { ownCommands } from "./own-commands.ts";

/** Commands are loaded when they are called, so that each pays only for itself at start. */
const entries: readonly Entry[] = [
  {
    paths: ["run", "container run"],
    common: true,
    summary: "Create and run a new container from an image",
    load: async () => (await import("./run.ts")).runCommand,
  },
  {
    paths: ["exec", "container exec"],
    common: true,
    summary: "Execute a command in a running container",
    load: async () => (await import("./exec.ts")).execCommand,
  },
  {
    paths: ["ps", "container ls", "container list", "container ps"],
    common: true,
    summary: "List containers",
    load: async () => (await import("./ps.ts")).psCommand,
  },
  {
    paths: ["pull", "image pull"],
    common: true,
    summary: "Download an image from a registry",
    load: async () => (await import("./pull.ts")).pullCommand,
  },
  {
    paths: ["push", "image push"],
    common: true,
    summary: "Upload an image to a registry",
    load: async () => (await import("./push.ts")).pushCommand,
  },
  {
    paths: ["images", "image ls", "image list"],
    common: true,
    summary: "List images",
    load: async () => (await import("./images.ts")).imagesCommand,
  },
  {
    paths: ["version"],
    common: true,
    summary: "Show the version information",
    load: async () => (await import("./version.ts")).versionCommand,
  },
  {
    paths: ["info", "system info"],
    common: true,
    summary: "Display system-wide information",
    load: async () => (await import("./info.ts")).infoCommand,
  },
  {
    paths: ["attach", "container attach"],
    summary: "Attach local standard input, output, and error streams to a running container",
    load: async () => (await import("./attach.ts")).attachCommand,
  },
  {
    paths: ["cp", "container cp"],
    summary: "Copy files/folders between a container and the local filesystem",
    load: async () => (await import("./cp/cp.ts")).cpCommand,
  },
  {
    paths: ["commit", "container commit"],
    summary: "Create a new image from a container's changes",
    load: async () => (await import("./commit.ts")).commitCommand,
  },
  {
    paths: ["create", "container create"],
    summary: "Create a new container",
    load: async () => (await import("./create.ts")).createCommand,
  },
  {
    paths: ["dash"],
    summary: "Show all containers live: what they use, and the log of the chosen one",
    load: async () => (await import("./dash/dash.ts")).dashCommand,
  },
  {
    paths: ["diff", "container diff"],
    summary: "Inspect changes to files or directories on a container's filesystem",
    load: async () => (await import("./diff.ts")).diffCommand,
  },
  {
    paths: ["events", "system events"],
    summary: "Get real time events from the server",
    load: async () => (await import("./events.ts")).eventsCommand,
  },
  {
    paths: ["history", "image history"],
    summary: "Show the history of an image",
    load: async () => (await import("./history.ts")).historyCommand,
  },
  {
    paths: ["export", "container export"],
    summary: "Export a container's filesystem as a tar archive",
    load: async () => (await import("./export.ts")).exportCommand,
  },
  {
    paths: ["import", "image import"],
    summary: "Import the contents from a tarball to create a filesystem image",
    load: async () => (await import("./import.ts")).importCommand,
  },
  {
    paths: ["inspect"],
    summary: "Return low-level information on Docker objects",
    load: async () => (await import("./inspect.ts")).inspectCommand,
  },
  {
    paths: ["kill", "container kill"],
    summary: "Kill one or more running containers",
    load: async () => (await import("./kill.ts")).killCommand,
  },
  {
    paths: ["load", "image load"],
    summary: "Load an image from a tar archive or STDIN",
    load: async () => (await import("./load.ts")).loadCommand,
  },
  {
    paths: ["login"],
    summary: "Authenticate to a registry",
    load: async () => (await import("./login/login.ts")).loginCommand,
  },
  {
    paths: ["logout"],
    summary: "Log out from a registry",
    load: async () => (await import("./login/logout.ts")).logoutCommand,
  },
  {
    paths: ["logs", "container logs"],
    summary: "Fetch the logs of a container",
    load: async () => (await import("./logs.ts")).logsCommand,
  },
  {
    paths: ["pause", "container pause"],
    summary: "Pause all processes within one or more containers",
    load: async () => (await import("./pause.ts")).pauseCommand,
  },
  {
    paths: ["port", "container port"],
    summary: "List port mappings or a specific mapping for the container",
    load: async () => (await import("./port.ts")).portCommand,
  },
  { paths: ["rename", "container rename"], summary: "Rename a container", load: async () => (await import("./rename.ts")).renameCommand },
  {
    paths: ["restart", "container restart"],
    summary: "Restart one or more containers",
    load: async () => (await import("./stop.ts")).restartCommand,
  },
  {
    paths: ["rm", "container rm", "container remove"],
    summary: "Remove one or more containers",
    load: async () => (await import("./rm.ts")).rmCommand,
  },
  {
    paths: ["rmi", "image rm", "image remove"],
    summary: "Remove one or more images",
    load: async () => (await import("./rmi.ts")).rmiCommand,
  },
  {
    paths: ["save", "image save"],
    summary: "Save one or more images to a tar archive (streamed to STDOUT by default)",
    load: async () => (await import("./save.ts")).saveCommand,
  },
  {
    paths: ["start", "container start"],
    summary: "Start one or more stopped containers",
    load: async () => (await import("./start.ts")).startCommand,
  },
  {
    paths: ["stats", "container stats"],
    summary: "Display a live stream of container(s) resource usage statistics",
    load: async () => (await import("./stats.ts")).statsCommand,
  },
  {
    paths: ["stop", "container stop"],
    summary: "Stop one or more running containers",
    load: async () => (await import("./stop.ts")).stopCommand,
  },
  {
    paths: ["search"],
    summary: "Search Docker Hub for images",
    load: async () => (await import("./search.ts")).searchCommand,
  },
  {
    paths: ["tag", "image tag"],
    summary: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
    load: async () => (await import("./tag.ts")).tagCommand,
  },
  {
    paths: ["top", "container top"],
    summary: "Display the running processes of a container",
    load: async () => (await import("./top.ts")).topCommand,
  },
  {
    paths: ["unpause", "container unpause"],
    summary: "Unpause all processes within one or more containers",
    load: async () => (await import("./pause.ts")).unpauseCommand,
  },
  {
    paths: ["update", "container update"],
    summary: "Update configuration of one or more containers",
    load: async () => (await import("./update.ts")).updateCommand,
  },
  {
    paths: ["wait", "container wait"],
    summary: "Block until one or more containers stop, then print their exit codes",
    load: async () => (await import("./wait.ts")).waitCommand,
  },
  {
    paths: ["container inspect"],
    summary: "Display detailed information on one or more containers",
    load: async () => (await import("./inspect.ts")).containerInspectCommand,
  },
  {
    paths: ["image inspect"],
    summary: "Display detailed information on one or more images",
    load: async () => (await import("./inspect.ts")).imageInspectCommand,
  },
  {
    paths: ["container prune"],
    summary: "Remove all stopped containers",
    load: async () => (await import("./prune/container.ts")).containerPruneCommand,
  },
  {
    paths: ["image prune"],
    summary: "Remove unused images",
    load: async () => (await import("./prune/image.ts")).imagePruneCommand,
  },
  ...networkEntries,
  {
    paths: ["system prune"],
    summary: "Remove unused data",
    load: async () => (await import("./prune/system.ts")).systemPruneCommand,
  },
  {
    paths: ["system df"],
    summary: "Show docker disk usage",
    load: async () => (await import("./usage.ts")).usageCommand,
  },
  {
    paths: ["volume create"],
    summary: "Create a volume",
    load: async () => (await import("./volume/create.ts")).volumeCreateCommand,
  },
  {
    paths: ["volume inspect"],
    summary: "Display detailed information on one or more volumes",
    load: async () => (await import("./volume/inspect.ts")).volumeInspectCommand,
  },
  { paths: ["volume ls", "volume list"], summary: "List volumes", load: async () => (await import("./volume/ls.ts")).volumeLsCommand },
  {
    paths: ["volume prune"],
    summary: "Remove unused local volumes",
    load: async () => (await import("./prune/volume.ts")).volumePruneCommand,
  },
  {
    paths: ["volume rm", "volume remove"],
    summary: "Remove one or more volumes",
    load: async () => (await import("./volume/rm.ts")).volumeRmCommand,
  },
  ...manifestCommands,
  {
    paths: ["context create"],
    summary: "Create a context",
    load: async () => (await import("./context/create.ts")).contextCreateCommand,
  },
  {
    paths: ["context export"],
    summary: "Export a context to a tar archive FILE or a tar stream on STDOUT.",
    load: async () => (await import("./context/export.ts")).contextExportCommand,
  },
  {
    paths: ["context import"],
    summary: "Import a context from a tar or zip file",
    load: async () => (await import("./context/import.ts")).contextImportCommand,
  },
  {
    paths: ["context inspect"],
    summary: "Display detailed information on one or more contexts",
    load: async () => (await import("./context/inspect.ts")).contextInspectCommand,
  },
  {
    paths: ["context ls", "context list"],
    summary: "List contexts",
    load: async () => (await import("./context/ls.ts")).contextLsCommand,
  },
  {
    paths: ["context rm", "context remove"],
    summary: "Remove one or more contexts",
    load: async () => (await import("./context/rm.ts")).contextRmCommand,
  },
  {
    paths: ["context show"],
    summary: "Print the name of the current context",
    load: async () => (await import("./context/show.ts")).contextShowCommand,
  },
  {
    paths: ["context update"],
    summary: "Update a context",
    load: async () => (await import("./context/update.ts")).contextUpdateCommand,
  },
  {
    paths: ["context use"],
    summary: "Set the current docker context",
    load: async () => (await import("./context/use.ts")).contextUseCommand,
  },
  ...ownCommands,
  {
    paths: ["completion"],
    summary: "Generate the autocompletion script for the specified shell",
    load: async () => (await import("./completion/completion.ts")).completionCommand,
  },
  {
    paths: ["system dial-stdio"],
    hidden: true,
    summary: "Proxy the stdio stream to the daemon connection. Should not be invoked manually.",
    load: async () => (await import("./dial-stdio.ts")).dialStdioCommand,
  },
];

/** Words that begin a path of two. */
export const groups = {
  container: "Manage containers",
  context: "Manage contexts",
  image: "Manage images",
  manifest: "Manage Docker image manifests and manifest lists",
  network: "Manage networks",
  system: "Manage Docker",
  volume: "Manage volumes",
} as const;

export type GroupName = keyof typeof groups;

/** True for a word that begins a path of two. */
export function isGroup(word: string): word is GroupName {
  return word in groups;
}

/** True for a name that no plugin can have. */
export function isBuiltin(name: string): boolean {
  return isGroup(name) || findCommand(name) !== undefined;
}

/** All words for the command at a path, its short form first. */
export function entryOf(path: string): readonly string[] {
  return entries.find(({ paths }) => paths.includes(path))?.paths ?? [path];
}

/** The command at a path, with the path that names it in messages; undefined when there is none. */
export function findCommand(path: string): { readonly path: string; readonly load: Loader } | undefined {
  const entry = entries.find((candidate) => candidate.paths.includes(path));
  if (entry === undefined) return undefined;
  const alias = entry.paths.indexOf(path);
  const words = path.split(" ");
  const named = alias > 0 && words.length === 2 ? entry.paths.find((candidate) => candidate.startsWith(`${words[0]} `)) : path;
  return { path: named ?? path, load: entry.load };
}

/** Short commands and their summaries, for the help of the program. */
export function shortCommands(common: boolean): readonly { readonly name: string; readonly summary: string }[] {
  return entries
    .filter((entry) => (entry.common === true) === common)
    .flatMap(({ paths, summary }) => (paths[0]?.includes(" ") === false ? [{ name: paths[0], summary }] : []));
}

/** The commands below a group and their summaries, by name. */
export function groupCommands(group: GroupName): readonly { readonly name: string; readonly summary: string }[] {
  const found = entries.flatMap((entry) => {
    const path = entry.paths.find((candidate) => candidate.startsWith(`${group} `));
    return path === undefined || entry.hidden === true ? [] : [{ name: path.slice(group.length + 1), summary: entry.summary }];
  });
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
