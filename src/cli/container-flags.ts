import { checkEnv } from "./environment.ts";
import { bool, type Flag, int, list, text } from "./flag.ts";
import { parseMount } from "./mount.ts";
import { endpointFlags } from "./endpoint-flags.ts";
import { healthFlags } from "./health-flags.ts";
import { logFlags } from "./log-flags.ts";
import { spaceFlags } from "./space-flags.ts";
import { windowsFlags } from "./windows-flags.ts";
import { changeableLimitFlags, fixedLimitFlags } from "./limit-flags.ts";
import { platformFlag } from "./platform-flag.ts";
import { parseUlimit } from "./quantities.ts";
import { securityFlags } from "./security-flags.ts";

/** Flags that `create` and `run` share. */
export const containerFlags: readonly Flag[] = [
  ...changeableLimitFlags,
  ...fixedLimitFlags,
  ...endpointFlags,
  ...healthFlags,
  ...logFlags,
  ...spaceFlags,
  ...securityFlags,
  ...windowsFlags,
  list("attach", "Attach to STDIN, STDOUT or STDERR", { short: "a", check: checkStream }),
  list("cap-add", "Add Linux capabilities"),
  list("cap-drop", "Drop Linux capabilities"),
  text("cidfile", "Write the container ID to the file"),
  bool("disable-content-trust", "Skip image verification", { fallback: "true" }),
  text("entrypoint", "Overwrite the default ENTRYPOINT of the image"),
  list("env", "Set environment variables", { short: "e", check: checkEnv }),
  list("env-file", "Read in a file of environment variables"),
  list("expose", "Expose a port or a range of ports"),
  text("hostname", "Container host name", { short: "h" }),
  bool("interactive", "Keep STDIN open even if not attached", { short: "i" }),
  list("label", "Set meta data on a container", { short: "l", check: checkLabel }),
  list("label-file", "Read in a line delimited file of labels"),
  list("mount", "Attach a filesystem mount to the container", { valueName: "mount", check: (value) => void parseMount(value) }),
  text("name", "Assign a name to the container"),
  list("net", "Connect a container to a network", { valueName: "network", hidden: true, aliasOf: "network" }),
  list("network", "Connect a container to a network", { valueName: "network" }),
  platformFlag,
  bool("privileged", "Give extended privileges to this container"),
  list("publish", "Publish a container's port(s) to the host", { short: "p" }),
  bool("publish-all", "Publish all exposed ports to random ports", { short: "P" }),
  text("pull", 'Pull image before running ("always", "missing", "never")', { fallback: "missing" }),
  bool("quiet", "Suppress the pull output", { short: "q" }),
  bool("read-only", "Mount the container's root filesystem as read only"),
  text("restart", "Restart policy to apply when a container exits", { fallback: "no" }),
  bool("rm", "Automatically remove the container and its associated anonymous volumes when it exits"),
  text("stop-signal", "Signal to stop the container"),
  int("stop-timeout", "Timeout (in seconds) to stop a container"),
  list("tmpfs", "Mount a tmpfs directory"),
  bool("tty", "Allocate a pseudo-TTY", { short: "t" }),
  list("ulimit", "Ulimit options", { valueName: "ulimit", fallback: "[]", check: (value) => void parseUlimit(value) }),
  bool("use-api-socket", "Bind mount Docker API socket and required auth"),
  text("user", "Username or UID (format: <name|uid>[:<group|gid>])", { short: "u" }),
  list("volume", "Bind mount a volume", { short: "v" }),
  text("volume-driver", "Optional volume driver for the container"),
  list("volumes-from", "Mount volumes from the specified container(s)"),
  text("workdir", "Working directory inside the container", { short: "w" }),
];

function checkStream(value: string): void {
  if (!["stdin", "stdout", "stderr"].includes(value.toLowerCase())) throw new Error("valid streams are STDIN, STDOUT and STDERR");
}

function checkLabel(value: string): void {
  if (value === "" || value.startsWith("=")) throw new Error(`invalid label '${value}': empty name`);
}
