// Token servers (distribution spec, "Token Authentication" and "OAuth2"): a password or nothing is shown with GET, an identity token with POST.
import { type Fault, fault } from "#base";
import type { Credentials } from "#image";
import { type BearerChallenge, scopesOf, tokenUrl } from "./challenge.ts";
import { basicAuthorization } from "./credentials.ts";
import type { HttpRequest } from "./fetch.ts";
import { readJson } from "./read-body.ts";

/** Seconds that a token holds whose server does not say (distribution spec). */
const usualLifetime = 60;

export interface Token {
  readonly token: string;
  readonly lifetime: number;
}

/** The request for a token. @throws unavailable for a realm that is no address */
export function tokenRequest(
  challenge: BearerChallenge,
  scope: string,
  credentials: Credentials | undefined,
): Omit<HttpRequest, "signal"> & { readonly url: URL } {
  if (!URL.canParse(challenge.realm))
    throw fault("unavailable", `registry wants a token from ${JSON.stringify(challenge.realm)}, which is no address`);
  const { identityToken = "" } = credentials ?? {};
  if (identityToken !== "") {
    const body = new URLSearchParams({ grant_type: "refresh_token", refresh_token: identityToken, client_id: "gantry" });
    if (challenge.service !== undefined) body.set("service", challenge.service);
    body.set("scope", scopesOf(challenge, scope).join(" "));
    return { url: new URL(challenge.realm), method: "POST", headers: {}, body };
  }
  const headers: Record<string, string> = credentials === undefined ? {} : { Authorization: basicAuthorization(credentials) };
  return { url: tokenUrl(challenge, scope), method: "GET", headers };
}

/** The token in an answer. @throws unauthorized when the server refuses what it was shown, unavailable for any other answer without one */
export async function readToken(
  method: string,
  url: URL,
  { response, credentials }: { readonly response: Response; readonly credentials: Credentials | undefined },
): Promise<Token> {
  const reply = await readJson(response);
  if (!response.ok) {
    if (response.status === 401 && credentials !== undefined)
      throw fault("unauthorized", `error from registry: ${refusalIn(reply) ?? "incorrect username or password"}`);
    const kind: Fault = response.status === 401 || response.status === 403 ? "unauthorized" : "unavailable";
    const words = refusalIn(reply);
    const place = `unexpected status from ${method} request to ${url.href}: ${`${response.status} ${response.statusText}`.trim()}`;
    throw fault(kind, `${place}${words === undefined ? "" : `: ${words}`}`);
  }
  const { token, access_token: accessToken, expires_in: lifetime } = reply;
  const found = [token, accessToken].find((value): value is string => typeof value === "string" && value !== "");
  if (found === undefined) throw fault("unavailable", "authorization server did not include a token in the response");
  return { token: found, lifetime: typeof lifetime === "number" && lifetime > 0 ? lifetime : usualLifetime };
}

/** The words that a token server gives, of which there are three forms. */
export function refusalIn(reply: Readonly<Record<string, unknown>>): string | undefined {
  const [first] = (Array.isArray(reply["errors"]) ? reply["errors"] : []) as readonly { readonly message?: unknown }[];
  return [reply["details"], first?.message, reply["message"]].find((value): value is string => typeof value === "string" && value !== "");
}
