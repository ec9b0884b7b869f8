import { closeSync, existsSync, openSync, unlinkSync, writeSync } from "node:fs";
import { describeOpenError } from "./environment.ts";

/** The file of `--cidfile`: taken before the container is made, and gone again when none is. */
export class IdFile implements Disposable {
  readonly #path: string;
  readonly #fd: number;
  #isWritten = false;

  /** @throws Error in Docker's words when there is such a file, or none can be made */
  constructor(path: string) {
    if (existsSync(path)) throw new Error(`container ID file found, make sure the other container isn't running or delete ${path}`);
    try {
      this.#fd = openSync(path, "wx", 0o644);
    } catch (error) {
      throw new Error(`failed to create the container ID file: ${describeOpenError(path, error)}`, { cause: error });
    }
    this.#path = path;
  }

  write(id: string): void {
    writeSync(this.#fd, id);
    this.#isWritten = true;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
    if (!this.#isWritten) unlinkSync(this.#path);
  }
}
