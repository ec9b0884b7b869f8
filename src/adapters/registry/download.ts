import { type EngineError, type Fault, fault } from "#base";
import { requestSentence } from "./request-failure.ts";
import { proxyFor, type RegistrySettings } from "./settings.ts";

/** Bytes of a server's refusal that are repeated. */
const maxRefusal = 1024;
const faults: Readonly<Record<number, Fault>> = { 400: "invalid", 401: "denied", 403: "denied", 404: "not-found" };

/** See the port `Downloads`. */
export async function download(
  text: string,
  { proxies }: Pick<RegistrySettings, "proxies">,
  signal: AbortSignal,
): Promise<{ readonly size?: number; readonly bytes: ReadableStream<Uint8Array> }> {
  const url = urlOf(text);
  const reply = await send(url, { proxy: proxyFor(url, proxies), signal });
  if (!reply.ok || reply.body === null) throw await refused(text, reply);
  const size = Number(reply.headers.get("content-length") ?? Number.NaN);
  return { bytes: reply.body, ...(Number.isSafeInteger(size) && { size }) };
}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.host === "")
    throw fault("internal", `Get ${JSON.stringify(text.replace(/\/+$/, ""))}: http: no Host in request URL`);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw fault("internal", `Get ${JSON.stringify(text)}: unsupported protocol scheme ${JSON.stringify(url.protocol.slice(0, -1))}`);
  return url;
}

async function send(url: URL, { proxy, signal }: { readonly proxy: string | undefined; readonly signal: AbortSignal }): Promise<Response> {
  try {
    return await fetch(url, {
      headers: { "User-Agent": "gantry", "Accept-Encoding": "identity" },
      decompress: false,
      signal,
      ...(proxy !== undefined && { proxy }),
    });
  } catch (cause) {
    throw fault("internal", requestSentence("Get", url, cause), { cause });
  }
}

async function refused(text: string, reply: Response): Promise<EngineError> {
  const body = new TextDecoder().decode((await reply.bytes()).subarray(0, maxRefusal)).trim();
  const status = reply.statusText === "" ? String(reply.status) : `${reply.status} ${reply.statusText}`;
  return fault(faults[reply.status] ?? "internal", `failed to GET ${text} with status ${status}: ${body}`);
}
