// A runtime that hangs at the commands that a test names, as one does that waits for a lock or a dead disk.
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { markedProcesses } from "./processes.ts";
import type { TestPlace } from "./test-place.ts";

export class StuckRuntime {
  readonly path: string;
  readonly #place: TestPlace;

  constructor(place: TestPlace) {
    this.#place = place;
    this.path = join(place.home, "stuck-runtime");
    const hang = `for word; do if [ -e ${place.home}/hang-$word ]; then exec sleep 86399; fi; done`;
    writeFileSync(this.path, `#!/bin/sh\n${hang}\nexec runc "$@"\n`, { mode: 0o755 });
  }

  /** Until it is disposed this command does not return. */
  hangAt(command: "create" | "start" | "exec" | "delete"): Disposable {
    const path = join(this.#place.home, `hang-${command}`);
    writeFileSync(path, "");
    return { [Symbol.dispose]: () => rmSync(path) };
  }

  /** Calls that hang now. */
  get hung(): readonly number[] {
    return markedProcesses(this.#place.token)
      .filter(({ command, zombie }) => command === "sleep 86399" && !zombie)
      .map(({ pid }) => pid);
  }
}
