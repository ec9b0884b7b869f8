/** How long a registry is given that does not answer as it should. */
export interface Patience {
  /** Requests in all. */
  readonly attempts: number;
  /** Resolves after so many milliseconds. @throws the signal's reason */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Milliseconds before the second request; doubled for each one more. */
const firstPause = 250;
const longestPause = 8_000;
/** Milliseconds; a registry that wants to be left alone for longer is, and the caller hears until when. */
const longestRetryAfter = 30_000;

const passing = new Set([408, 429, 502, 503, 504]);

/** Sends a request again while its answer is one that passes (RFC 9110 section 15), and keeps to Retry-After. The last answer counts. */
export async function sendPatiently(
  send: () => Promise<Response>,
  { attempts, pause, signal }: Patience & { readonly signal: AbortSignal },
): Promise<Response> {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt >= attempts;
    let wanted: number | undefined;
    try {
      const response = await send();
      if (last || !passing.has(response.status)) return response;
      wanted = retryAfter(response);
      if (wanted !== undefined && wanted > longestRetryAfter) return response;
      await response.body?.cancel();
    } catch (error) {
      signal.throwIfAborted();
      if (last || !brokeOff(error)) throw error;
    }
    await pause(wanted ?? backOff(attempt), signal);
  }
}

/** Milliseconds before the request after this many: twice as long each time, and up to half of it by chance, so that clients do not come all at once. */
export function backOff(attempt: number, chance: () => number = Math.random): number {
  const most = Math.min(firstPause * 2 ** (attempt - 1), longestPause);
  return Math.round(most * (0.5 + chance() / 2));
}

/** Milliseconds that an answer asks to be left alone for: seconds, or a date (RFC 9110 section 10.2.3). */
export function retryAfter(response: Response, now: number = Date.now()): number | undefined {
  const header = response.headers.get("retry-after")?.trim() ?? "";
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return header === "" || Number.isNaN(date) ? undefined : Math.max(date - now, 0);
}

/** See `Patience`. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** True for a connection that was there and ended; one that never was is not tried again. */
function brokeOff(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return (
    cause instanceof Error && "code" in cause && ["ECONNRESET", "EPIPE", "ConnectionClosed", "SocketClosed"].includes(String(cause.code))
  );
}
