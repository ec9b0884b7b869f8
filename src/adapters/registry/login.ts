// One login: asks for /v2/, is told how to show who it is, and asks again with that (distribution spec, "Token Authentication"; RFC 7617).
import { EngineError, fault, messageOf } from "#base";
import type { Credentials } from "#image";
import { asksForPassword, type BearerChallenge, parseBearerChallenge } from "./challenge.ts";
import { basicAuthorization, checkAuthHost } from "./credentials.ts";
import { type RegistryHost, registryHost } from "./endpoint.ts";
import type { Fetcher, HttpRequest } from "./fetch.ts";
import { checkReach } from "./reach.ts";
import { readJson } from "./read-body.ts";
import type { RegistrySettings } from "./settings.ts";
import { refusalIn } from "./token-server.ts";
import { isPlainServer, isRefused, requestSentence } from "./request-failure.ts";

interface Means {
  readonly settings: RegistrySettings;
  readonly fetcher: Fetcher;
  readonly signal: AbortSignal;
}

interface Attempt extends Means {
  readonly credentials: Credentials;
  readonly host: RegistryHost;
}

type Proof = { readonly authorization: string; readonly identityToken: string };

/** See the port `RegistryLogin`. */
export async function logIn(credentials: Credentials, means: Means): Promise<{ readonly identityToken: string }> {
  const host = registryHost(domainOf(credentials.serverAddress), means.settings.insecureRegistries);
  const attempt: Attempt = { ...means, credentials, host };
  const { url, response } = await knock(attempt);
  const proof = response.status === 401 ? await prove(attempt, { url, response }) : undefined;
  const answer = proof === undefined ? response : await ask(attempt, url, { headers: { Authorization: proof.authorization } });
  await answer.body?.cancel();
  if (answer.status === 200) return { identityToken: proof?.identityToken ?? credentials.identityToken };
  throw fault("internal", `login attempt to ${url.href} failed with status: ${answer.status} ${answer.statusText}`.trim());
}

/** The registry behind an address as users write it. @throws invalid */
function domainOf(address: string): string {
  const domain = address.replace(/^https?:\/\//, "").split("/", 1)[0] ?? "";
  if (domain === "" || domain === "index.docker.io") return "docker.io";
  if (URL.canParse(`https://${domain}/`)) return domain;
  throw fault("invalid", `unable to parse server address: parse ${JSON.stringify(`https://${domain}`)}: invalid host name`);
}

/** The first request, without a proof; a registry that may speak plain http is asked so when it does not speak https. */
async function knock(attempt: Attempt): Promise<{ readonly url: URL; readonly response: Response }> {
  const url = new URL(`https://${attempt.host.host}/v2/`);
  try {
    return { url, response: await ask(attempt, url) };
  } catch (error) {
    const cause = error instanceof EngineError ? error.cause : undefined;
    if (!attempt.host.insecure || (!isPlainServer(cause) && !isRefused(cause))) throw error;
  }
  const plain = new URL(`http://${attempt.host.host}/v2/`);
  return { url: plain, response: await ask(attempt, plain) };
}

async function ask({ fetcher, signal }: Attempt, url: URL, request: Partial<HttpRequest> = {}): Promise<Response> {
  const method = request.method ?? "GET";
  try {
    return await fetcher.fetch(url, { headers: {}, ...request, method, signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw fault("internal", requestSentence(method, url, cause), { cause });
  }
}

/** What the challenge asks for. A challenge that is neither basic nor bearer is left as it is. */
async function prove(attempt: Attempt, asked: { readonly url: URL; readonly response: Response }): Promise<Proof | undefined> {
  const { username, identityToken } = attempt.credentials;
  const header = asked.response.headers.get("www-authenticate");
  const challenge = parseBearerChallenge(header);
  if (challenge === undefined && !asksForPassword(header)) return undefined;
  await asked.response.body?.cancel();
  if (challenge !== undefined) return await fetchToken(attempt, challenge, asked.url);
  if (username === "") throw fault("internal", `Get ${JSON.stringify(asked.url.href)}: no basic auth credentials`);
  return { authorization: basicAuthorization(attempt.credentials), identityToken };
}

async function fetchToken(attempt: Attempt, challenge: BearerChallenge, url: URL): Promise<Proof> {
  const realm = await realmOf(attempt, challenge, url);
  const response = await askForToken(attempt, challenge, realm);
  const reply = await readJson(response);
  if (!response.ok) throw tokenRefusal(url, response, reply);
  const token = [reply["access_token"], reply["token"]].find((value): value is string => typeof value === "string" && value !== "");
  if (token === undefined)
    throw fault("internal", `Get ${JSON.stringify(url.href)}: authorization server did not include a token in the response`);
  const refresh = reply["refresh_token"];
  return {
    authorization: `Bearer ${token}`,
    identityToken: typeof refresh === "string" ? refresh : attempt.credentials.identityToken,
  };
}

/** Where the credentials are to be shown, if they may be. @throws internal */
async function realmOf({ host, settings, credentials }: Attempt, challenge: BearerChallenge, url: URL): Promise<URL> {
  const place = `registry ${host.host} wants a password at `;
  if (!URL.canParse(challenge.realm)) throw fault("internal", `${place}${JSON.stringify(challenge.realm)}, which is no address`);
  const realm = new URL(challenge.realm);
  const mayBePlain = host.insecure && url.protocol === "http:";
  if (realm.protocol !== "https:" && (realm.protocol !== "http:" || !mayBePlain))
    throw fault("internal", `${place}${realm.protocol}//${realm.host}, which is not secure`);
  try {
    if (credentials.password !== "" || credentials.identityToken !== "") checkAuthHost(host.host, realm, settings.authHosts);
    await checkReach(url, realm);
  } catch (cause) {
    throw fault("internal", messageOf(cause), { cause });
  }
  return realm;
}

async function askForToken(attempt: Attempt, { service }: BearerChallenge, realm: URL): Promise<Response> {
  const { username, identityToken } = attempt.credentials;
  const named = service === undefined ? {} : { service };
  if (identityToken !== "") {
    const grant = { grant_type: "refresh_token", refresh_token: identityToken, client_id: "docker", scope: "", ...named };
    return await ask(attempt, realm, { method: "POST", body: new URLSearchParams(grant) });
  }
  const query = { ...(username !== "" && { account: username }), client_id: "docker", offline_token: "true", ...named };
  for (const [name, value] of Object.entries(query)) realm.searchParams.set(name, value);
  return await ask(attempt, realm, { headers: username === "" ? {} : { Authorization: basicAuthorization(attempt.credentials) } });
}

/** In the words that the token server gives, of which there are two forms. */
function tokenRefusal(url: URL, response: Response, reply: Readonly<Record<string, unknown>>): EngineError {
  const words = refusalIn(reply);
  const place = `Get ${JSON.stringify(url.href)}: `;
  if (response.status === 401) return fault("unauthorized", `${place}unauthorized: ${words ?? "authentication required"}`);
  return fault("internal", `${place}token server answered with status ${response.status}`);
}
