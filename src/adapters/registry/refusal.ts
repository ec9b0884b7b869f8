import { EngineError, fault, isFault, messageOf } from "#base";
import { type Credentials, familiarName, formatReference, type Reference } from "#image";
import { asksForPassword } from "./challenge.ts";
import { readAtMost } from "./read-body.ts";
import { retryAfter } from "./retry.ts";

/** Bytes of an error body that are read at most. */
const maxErrorBody = 64 * 1024;

/** The fault behind an answer that is no success, in the sentence that Docker gives for it. */
export async function refusal(reference: Reference, response: Response, credentials?: Credentials): Promise<EngineError> {
  const name = formatReference(reference);
  const quoted = JSON.stringify(name);
  if (response.status === 404) return fault("not-found", `failed to resolve reference ${quoted}: ${name}: not found`);
  const isDenied = response.status === 401 || response.status === 403;
  if (isDenied && credentials === undefined) return accessDenied(reference, response);
  const facts = [`${response.status} ${response.statusText}`.trim(), await errorDetail(response), ...remarks(response, credentials)];
  const status = facts.filter((fact) => fact !== "").join(": ");
  const sentence = `failed to resolve reference ${quoted}: unexpected status from GET request to ${response.url}: ${status}`;
  return fault("unavailable", sentence);
}

/** What Docker does not say: that it was the password, or until when to wait. */
export function remarks(response: Response, credentials: Credentials | undefined): readonly string[] {
  if (response.status === 401 && credentials !== undefined) return ["the registry does not take these credentials"];
  const wait = retryAfter(response);
  return response.status === 429 && wait !== undefined ? [`retry after ${new Date(Date.now() + wait).toISOString()}`] : [];
}

/** Docker tells a registry that wants a password from one whose anonymous token is not enough. */
function accessDenied(reference: Reference, response: Response): EngineError {
  if (asksForPassword(response.headers.get("www-authenticate"))) {
    const denied =
      "pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials";
    return fault("unavailable", `failed to resolve reference ${JSON.stringify(formatReference(reference))}: ${denied}`);
  }
  const sentence = `pull access denied for ${familiarName(reference)}, repository does not exist or may require 'docker login'`;
  return fault("not-found", sentence);
}

/** A failure on the way to the registry, with the image's name before it. Credentials that a token server refuses are no matter of the image's. */
export function unresolved(reference: Reference, cause: unknown, credentials: Credentials | undefined): EngineError {
  if (credentials !== undefined && isFault(cause, "unauthorized")) return cause;
  const kind = cause instanceof EngineError ? cause.fault : "unavailable";
  return fault(kind, `failed to resolve reference ${JSON.stringify(formatReference(reference))}: ${messageOf(cause)}`, { cause });
}

/** "code: message" of the first error in the body (OCI distribution spec, "Error codes"); "" when it holds none. */
async function errorDetail(response: Response): Promise<string> {
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(await readAtMost(response, maxErrorBody)));
  } catch {
    return "";
  }
  const { errors } = (body ?? {}) as { errors?: unknown };
  const [first] = (Array.isArray(errors) ? errors : []) as { code?: unknown; message?: unknown }[];
  if (typeof first?.code !== "string") return "";
  const words = first.code.toLowerCase().replaceAll("_", " ");
  return typeof first.message === "string" && first.message !== "" ? `${words}: ${first.message}` : words;
}
