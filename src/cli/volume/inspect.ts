import type { Command } from "../command.ts";
import { objectFormatFlag } from "../format-flag.ts";
import { inspectEach } from "../inspect-each.ts";
import { findObject } from "../inspect-object.ts";

export const volumeInspectCommand: Command = {
  synopsis: "[OPTIONS] VOLUME [VOLUME...]",
  summary: "Display detailed information on one or more volumes",
  args: { min: 1 },
  flags: [objectFormatFlag],
  run: (invocation) => inspectEach(invocation, invocation.args, (name) => findObject(invocation.client, "volume", name)),
};
