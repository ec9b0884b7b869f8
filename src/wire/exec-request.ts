import { flag, list, optional, struct, text, uint, type Decoded } from "./decode.ts";

const consoleSize = optional(list(uint, "[2]uint"));

/** Body of POST /containers/{id}/exec (API 1.51). */
export const execOptions = struct("container.ExecOptions", {
  User: text,
  Privileged: flag,
  Tty: flag,
  ConsoleSize: consoleSize,
  AttachStdin: flag,
  AttachStderr: flag,
  AttachStdout: flag,
  Detach: flag,
  DetachKeys: text,
  Env: list(text),
  WorkingDir: text,
  Cmd: list(text),
});

/** Body of POST /exec/{id}/start (API 1.51). */
export const execStartOptions = struct("container.ExecStartOptions", { Detach: flag, Tty: flag, ConsoleSize: consoleSize });

export type ExecOptions = Decoded<typeof execOptions>;
export type ExecStartOptions = Decoded<typeof execStartOptions>;
