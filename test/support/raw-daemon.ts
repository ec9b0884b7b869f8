// A daemon that says exactly what a test wants of it, over a unix socket; for what a good daemon never does.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RawDaemon extends AsyncDisposable {
  /** As DOCKER_HOST takes it. */
  readonly host: string;
  /** Request lines in the order in which they came. */
  readonly requests: readonly string[];
}

export const versionReply = jsonReply({ Version: "raw", ApiVersion: "1.51" });

export function jsonReply(body: unknown, status = "200 OK"): string {
  const text = JSON.stringify(body);
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

/** The head of a log's reply, whose frames follow in chunks. */
export const logHead = "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.multiplexed-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/** Answers /version itself, and asks the test for the rest. */
export async function startRawDaemon(answer: (line: string, socket: Socket) => void): Promise<RawDaemon> {
  const folder = mkdtempSync(join(tmpdir(), "gantry-raw-"));
  const path = join(folder, "s");
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      const line = chunk.toString("latin1").split(" HTTP/")[0] ?? "";
      requests.push(line);
      if (line.endsWith("/version")) socket.write(versionReply);
      else answer(line, socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    host: `unix://${path}`,
    requests,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

/** A chunk of HTTP that holds one frame of a log. */
export function logChunk(text: string): Buffer {
  const payload = Buffer.from(text);
  const frame = Buffer.alloc(8 + payload.length);
  frame[0] = 1;
  frame.writeUInt32BE(payload.length, 4);
  payload.copy(frame, 8);
  return Buffer.concat([Buffer.from(`${frame.length.toString(16)}\r\n`), frame, Buffer.from("\r\n")]);
}
