import { EngineError, fault, messageOf } from "#base";
import { familiarName, formatReference, type Reference } from "#image";
import { readAtMost } from "./connection.ts";

/** Bytes of an error body that are read at most. */
const maxErrorBody = 64 * 1024;

/** The fault behind an answer that is no success, in the sentence that Docker gives for it. */
export async function refusal(reference: Reference, response: Response): Promise<EngineError> {
  const name = formatReference(reference);
  const detail = await errorDetail(response);
  switch (response.status) {
    case 404:
      return fault("not-found", `failed to resolve reference ${JSON.stringify(name)}: ${name}: not found`);
    case 401:
    case 403:
      return accessDenied(reference, response);
    default:
      return fault(
        "unavailable",
        `failed to resolve reference ${JSON.stringify(name)}: unexpected status from GET request to ${response.url}: ${`${response.status} ${response.statusText}`.trim()}${detail === "" ? "" : `: ${detail}`}`,
      );
  }
}

/** Docker tells a registry that wants a password from one whose anonymous token is not enough. */
function accessDenied(reference: Reference, response: Response): EngineError {
  if (/^basic\b/i.test(response.headers.get("www-authenticate") ?? "")) {
    const denied =
      "pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials";
    return fault("unauthorized", `failed to resolve reference ${JSON.stringify(formatReference(reference))}: ${denied}`);
  }
  const sentence = `pull access denied for ${familiarName(reference)}, repository does not exist or may require 'docker login'`;
  return fault("not-found", sentence);
}

/** A failure on the way to the registry, with the image's name before it. */
export function unresolved(reference: Reference, cause: unknown): EngineError {
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
