import type { CreatedReply, ExecReply } from "./replies.ts";
import type { HijackedStream, Requests } from "./transport.ts";

/** Docker's body of exec create. */
export interface ExecConfig {
  readonly User?: string;
  readonly Privileged?: boolean;
  readonly Tty: boolean;
  readonly ConsoleSize?: readonly [rows: number, columns: number];
  readonly AttachStdin: boolean;
  readonly AttachStdout: boolean;
  readonly AttachStderr: boolean;
  readonly DetachKeys?: string;
  readonly Env?: readonly string[];
  readonly WorkingDir?: string;
  readonly Cmd: readonly string[];
}

/** Calls of exec: create, then start attached or detached, then inspect for the exit code. */
export class ExecCalls {
  readonly #transport: Requests;

  constructor(transport: Requests) {
    this.#transport = transport;
  }

  async create(container: string, config: ExecConfig): Promise<string> {
    const reply = await this.#transport.request({
      method: "POST",
      path: `/containers/${encodeURIComponent(container)}/exec`,
      json: config,
    });
    return (JSON.parse(await reply.text()) as CreatedReply).Id;
  }

  async startAttached(id: string, options: { readonly tty: boolean; readonly size?: readonly [number, number] }): Promise<HijackedStream> {
    const json = { Detach: false, Tty: options.tty, ...(options.size && { ConsoleSize: options.size }) };
    return await this.#transport.hijack({ method: "POST", path: `/exec/${id}/start`, json });
  }

  async startDetached(id: string, options: { readonly tty: boolean }): Promise<void> {
    const reply = await this.#transport.request({ method: "POST", path: `/exec/${id}/start`, json: { Detach: true, Tty: options.tty } });
    await reply.text();
  }

  async inspect(id: string): Promise<ExecReply> {
    return JSON.parse(await (await this.#transport.request({ method: "GET", path: `/exec/${id}/json` })).text()) as ExecReply;
  }

  async resize(id: string, size: { readonly rows: number; readonly columns: number }): Promise<void> {
    const query = { h: size.rows, w: size.columns };
    await (await this.#transport.request({ method: "POST", path: `/exec/${id}/resize`, query })).text();
  }
}
