import { createServer, type ServerResponse } from "node:http";
import { networkInterfaces } from "node:os";
import { fault, type Logger, messageOf } from "#base";
import { textFormat } from "./text-format.ts";

interface MetricsParts {
  /** ADDRESS:PORT; no address is every one. */
  readonly address: string;
  /** The bridge of our containers: nothing listens on its addresses (row H16). */
  readonly bridge: string;
  readonly logger: Logger;
  readonly text: () => Promise<string>;
}

/** Milliseconds for whoever asks to say what it wants. */
const patience = 10_000;

/** The port of an ADDRESS:PORT. */
export function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(":") + 1));
}

/** Serves GET /metrics on a listener of its own, and nothing else. @throws invalid for an address of the bridge, unavailable where the kernel refuses */
export async function serveMetrics({ address, bridge, logger, text }: MetricsParts): Promise<Disposable> {
  const host = address.slice(0, address.lastIndexOf(":")).replaceAll(/^\[|\]$/g, "");
  if ((networkInterfaces()[bridge] ?? []).some((own) => own.address === host))
    throw fault("invalid", `metrics-addr ${address}: refused on an address of ${bridge}, which containers reach`);
  const server = createServer({ requestTimeout: patience, headersTimeout: patience, keepAliveTimeout: patience }, (request, response) => {
    const path = request.url?.split("?", 1)[0];
    // Programs that scrape say nothing of the kind; a page in somebody's browser cannot leave it out.
    if ((request.headers["sec-fetch-site"] ?? "none") !== "none") plain(response, 403, "403 forbidden\n");
    else if (path !== "/metrics") plain(response, 404, "404 page not found\n");
    else if (request.method !== "GET" && request.method !== "HEAD") plain(response, 405, "405 method not allowed\n");
    else void answer(response, text, logger);
  });
  await new Promise<void>((settle, reject) => {
    server.once("error", (error) => reject(fault("unavailable", `metrics-addr ${address}: ${messageOf(error)}`, { cause: error })));
    server.listen({ port: portOf(address), ...(host !== "" && { host }) }, settle);
  });
  return {
    [Symbol.dispose](): void {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(response: ServerResponse, text: () => Promise<string>, logger: Logger): Promise<void> {
  try {
    const body = await text();
    response.writeHead(200, { "Content-Type": textFormat }).end(body);
  } catch (error) {
    logger.error("metrics could not be read", { error: messageOf(error) });
    plain(response, 500, "500 internal error\n");
  }
}

function plain(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" }).end(body);
}
