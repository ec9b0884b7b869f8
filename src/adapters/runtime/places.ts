import { fault, shortId } from "#base";
import { maxSocketPath } from "#linux";

/** Where one monitor has its files, all in the run directory and short enough for a socket's name. */
export interface MonitorPlace {
  readonly folder: string;
  readonly exitFolder: string;
  readonly socket: string;
  readonly control: string;
  /** What the monitor prints. */
  readonly log: string;
  /** What the runtime prints where the monitor would not pass it on. */
  readonly runtimeLog: string;
}

const longest = "/monitors/0123456789ab/x/0123456789ab/attach";

/** Paths of one daemon's monitors. @throws invalid when the run directory's path leaves no room for a socket */
export class MonitorPlaces {
  readonly #runRoot: string;
  readonly monitors: string;

  constructor(runRoot: string) {
    if (runRoot.length + longest.length > maxSocketPath) {
      throw fault("invalid", `run directory ${JSON.stringify(runRoot)} is longer than ${maxSocketPath - longest.length} bytes`);
    }
    this.#runRoot = runRoot;
    this.monitors = `${runRoot}/monitors`;
  }

  /** Where a runtime keeps its state. */
  runtimeRoot(name: string): string {
    return `${this.#runRoot}/${name}`;
  }

  container(id: string): MonitorPlace {
    return placeAt(`${this.monitors}/${shortId(id)}`);
  }

  exec(id: string, execId: string): MonitorPlace {
    return placeAt(`${this.monitors}/${shortId(id)}/x/${shortId(execId)}`);
  }
}

function placeAt(folder: string): MonitorPlace {
  return {
    folder,
    exitFolder: `${folder}/exit`,
    socket: `${folder}/attach`,
    control: `${folder}/ctl`,
    log: `${folder}/monitor.log`,
    runtimeLog: `${folder}/runtime.log`,
  };
}
