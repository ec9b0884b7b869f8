import { request } from "node:http";

/** One request as a client sends it, byte for byte where it matters. */
export interface DockerRequest {
  readonly method: string;
  readonly path: string;
  readonly type?: string;
  readonly body?: string;
}

/** What an engine answered to it: status, Content-Type and body. */
export interface DockerAnswer {
  readonly request: DockerRequest;
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

/** Recorded answers of a real Docker, whose version is named. */
export interface DockerAnswers {
  readonly engine: string;
  readonly answers: readonly DockerAnswer[];
}

/** Asks an engine behind a unix socket. */
export function ask(socket: string, asked: DockerRequest): Promise<DockerAnswer> {
  return new Promise((settle, reject) => {
    const headers = asked.type === undefined ? {} : { "Content-Type": asked.type };
    const call = request({ socketPath: socket, method: asked.method, path: asked.path, headers }, (response) => {
      const pieces: Uint8Array[] = [];
      response.on("data", (piece: Uint8Array) => pieces.push(piece));
      response.once("error", reject);
      response.once("end", () => {
        const { statusCode = 0, headers: given } = response;
        settle({ request: asked, status: statusCode, type: given["content-type"] ?? null, body: Buffer.concat(pieces).toString() });
      });
    });
    call.once("error", reject);
    call.end(asked.body);
  });
}
