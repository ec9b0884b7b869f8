import { messageOf, product } from "#base";
import { flagTable } from "#cli";
import { planDoors } from "./doors.ts";
import { daemonFlags, type FlagSettings } from "./options/flags.ts";
import { readConfiguration } from "./options/read-options.ts";

const narrow = 80;

/** `--help`, `--version` and `--validate`: says what was asked for, and gives the exit code. */
export async function describeDaemon(flags: FlagSettings): Promise<number> {
  if (flags.help) process.stdout.write(daemonHelp(process.stdout.columns ?? narrow));
  else if (flags.version) process.stdout.write(`Gantry version ${product.version}, build ${product.commit}\n`);
  else return await validate(flags);
  return 0;
}

/** As dockerd lays it out. */
export function daemonHelp(columns: number): string {
  return `Usage:  gantryd [OPTIONS]\n\nA self-sufficient runtime for containers.\n\nOptions:\n${flagTable(daemonFlags, columns)}\n`;
}

/** Doors are planned too, since one without a lock stops the start; systemd's alone are not handed to somebody who only asks. */
async function validate(flags: FlagSettings): Promise<number> {
  try {
    const { options } = readConfiguration(flags);
    await planDoors({ ...options, hosts: options.hosts.filter((host) => !host.startsWith("fd://")) }, {});
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return 1;
  }
  process.stderr.write("configuration OK\n");
  return 0;
}
