import { type EngineError, type Fault, fault } from "#base";
import { asksForPassword } from "./challenge.ts";
import type { HttpRequest } from "./fetch.ts";
import type { PushTarget } from "./push.ts";
import { readJson } from "./read-body.ts";
import { remarks } from "./refusal.ts";

/** The fault behind an answer that ends a push, in the sentence that Docker gives for it. */
export async function pushRefusal(
  { credentials }: Pick<PushTarget, "credentials">,
  method: HttpRequest["method"],
  response: Response,
): Promise<EngineError> {
  const { status, url } = response;
  const challenge = response.headers.get("www-authenticate");
  const isDenied = status === 401 || status === 403;
  const kind: Fault = isDenied ? "denied" : "unavailable";
  const said = errorsIn(await readJson(response).catch(() => ({})));
  if (status === 401 && asksForPassword(challenge)) {
    const why = credentials === undefined ? "no basic auth credentials" : "the registry does not take these credentials";
    return fault(kind, `push access denied, repository does not exist or may require authorization: authorization failed: ${why}`);
  }
  const notes = remarks(response, credentials);
  if (said.length > 0) return fault(kind, [`error from registry: ${said.join("\n")}`, ...notes].join(": "));
  const line = `unexpected status from ${method} request to ${url}: ${`${status} ${response.statusText}`.trim()}`;
  return fault(kind, [line, ...notes].join(": "));
}

/** What each error of an answer says (OCI distribution spec, "Error codes"). */
function errorsIn({ errors }: Readonly<Record<string, unknown>>): readonly string[] {
  const listed = (Array.isArray(errors) ? errors : []) as readonly { readonly code?: unknown; readonly message?: unknown }[];
  return listed.flatMap(({ code, message }) => {
    if (typeof message === "string" && message !== "") return [message];
    return typeof code === "string" && code !== "" ? [code.toLowerCase().replaceAll("_", " ")] : [];
  });
}
