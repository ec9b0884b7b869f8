import { expect, test } from "bun:test";
import { bool, int, list, text } from "./flag.ts";
import { commandHelp, flagTable } from "./help.ts";

const flags = [
  text("tail", "Number of lines to show from the end of the logs", { short: "n", fallback: "all" }),
  bool("details", "Show extra details provided to logs"),
  text("since", 'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)'),
  bool("sig-proxy", "Proxy all received signals to the process", { fallback: "true" }),
  int("time", "Seconds", { hidden: true }),
  list("ulimit", "Ulimit options", { valueName: "ulimit", fallback: "[]" }),
];

test("flagTable() sorts by name, aligns, wraps and shows defaults as pflag does", () => {
  expect(flagTable(flags, 80)).toBe(
    [
      "      --details         Show extra details provided to logs",
      "      --sig-proxy       Proxy all received signals to the process",
      "                        (default true)",
      "      --since string    Show logs since timestamp (e.g.",
      '                        "2013-01-02T13:23:37Z") or relative (e.g. "42m"',
      "                        for 42 minutes)",
      "  -n, --tail string     Number of lines to show from the end of the logs",
      '                        (default "all")',
      "      --ulimit ulimit   Ulimit options (default [])",
    ].join("\n"),
  );
});

test("commandHelp() has usage, summary, aliases and no empty options", () => {
  const command = {
    synopsis: "CONTAINER NEW_NAME",
    summary: "Rename a container",
    aliases: ["container rename", "rename"],
    args: { min: 2, max: 2 },
    flags: [],
    run: () => Promise.resolve(0),
  };
  expect(commandHelp(command, { program: "docker", path: "rename", columns: 80 })).toBe(
    "Usage:  docker rename CONTAINER NEW_NAME\n\nRename a container\n\nAliases:\n  docker container rename, docker rename\n",
  );
});
