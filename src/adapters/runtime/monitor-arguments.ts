import type { MonitorPlace } from "./places.ts";
import type { RuntimeProgram } from "./runtime-program.ts";

export interface MonitorPlan {
  readonly id: string;
  readonly program: RuntimeProgram;
  readonly place: MonitorPlace;
  /** conmon's log driver with its path; "none". */
  readonly log: string;
  readonly tty: boolean;
  readonly stdin: { readonly open: boolean; readonly ends: boolean };
  readonly exec?: {
    readonly id: string;
    readonly processFile: string;
    /** Wait for the first client before the process starts. */
    readonly attach: boolean;
  };
}

/** conmon's command line. Its own limit of a log's size is never used: it renames an empty file over the log. */
export function monitorArguments(plan: MonitorPlan): readonly string[] {
  const { id, program, place, exec } = plan;
  return [
    "--sync",
    "--no-sync-log",
    "--api-version=1",
    "--full-attach",
    "--log-level=error",
    ...option("--cid", id),
    ...option("--cuuid", exec?.id ?? id),
    ...option("--name", exec?.id ?? id),
    ...option("--runtime", program.run),
    ...[...program.args, ...logOfTerminal(plan)].map((argument) => `--runtime-arg=${argument}`),
    ...option("--bundle", place.folder),
    ...option("--container-pidfile", `${place.folder}/pid`),
    ...option("--exit-dir", place.exitFolder),
    ...option("--log-path", plan.log),
    ...(plan.tty ? ["--terminal"] : []),
    ...(plan.stdin.open ? ["--stdin"] : []),
    ...(plan.stdin.open && !plan.stdin.ends ? ["--leave-stdin-open"] : []),
    ...(exec === undefined ? [] : ["--exec", `--exec-process-spec=${exec.processFile}`]),
    ...(exec?.attach === true ? ["--exec-attach"] : []),
  ];
}

/** For an exec with a terminal conmon loses what the runtime says, and ends without a word. */
function logOfTerminal({ exec, tty, place }: MonitorPlan): readonly string[] {
  return exec !== undefined && tty ? [`--log=${place.runtimeLog}`] : [];
}

function option(name: string, value: string): readonly string[] {
  return [`${name}=${value}`];
}
