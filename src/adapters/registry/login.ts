// One login: asks for /v2/, is told how to show who it is, and asks again with that (distribution spec, "Token Authentication"; RFC 7617).
import { EngineError, fault } from "#base";
import type { Credentials } from "#image";
import { type BearerChallenge, parseBearerChallenge } from "./challenge.ts";
import { readAtMost } from "./connection.ts";
import { type RegistryHost, registryHost } from "./endpoint.ts";
import { fetchOnce, type HttpRequest } from "./fetch.ts";
import type { RegistrySettings } from "./settings.ts";
import { isPlainServer, isRefused, requestSentence } from "./request-failure.ts";

interface Attempt {
  readonly credentials: Credentials;
  readonly host: RegistryHost;
  readonly proxies: RegistrySettings["proxies"];
  readonly signal: AbortSignal;
}

type Proof = { readonly authorization: string; readonly identityToken: string };

/** Bytes of an answer that are read at most. */
const maxReply = 1024 * 1024;

/** See the port `RegistryLogin`. */
export async function logIn(
  credentials: Credentials,
  settings: RegistrySettings,
  signal: AbortSignal,
): Promise<{ readonly identityToken: string }> {
  const host = registryHost(domainOf(credentials.serverAddress), settings.insecureRegistries);
  const attempt: Attempt = { credentials, host, proxies: settings.proxies, signal };
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

async function ask({ host, proxies, signal }: Attempt, url: URL, request: Partial<HttpRequest> = {}): Promise<Response> {
  const method = request.method ?? "GET";
  try {
    return await fetchOnce(url, { headers: {}, ...request, method, signal, insecure: host.insecure, proxies });
  } catch (cause) {
    signal.throwIfAborted();
    throw fault("internal", requestSentence(method, url, cause), { cause });
  }
}

/** What the challenge asks for. A challenge that is neither basic nor bearer is left as it is. */
async function prove(attempt: Attempt, asked: { readonly url: URL; readonly response: Response }): Promise<Proof | undefined> {
  const { username, password, identityToken } = attempt.credentials;
  const header = asked.response.headers.get("www-authenticate");
  const challenge = parseBearerChallenge(header);
  if (challenge === undefined && !/^basic\b/i.test(header ?? "")) return undefined;
  await asked.response.body?.cancel();
  if (challenge !== undefined) return await fetchToken(attempt, challenge, asked.url);
  if (username === "") throw fault("internal", `Get ${JSON.stringify(asked.url.href)}: no basic auth credentials`);
  return { authorization: basic(username, password), identityToken };
}

async function fetchToken(attempt: Attempt, challenge: BearerChallenge, url: URL): Promise<Proof> {
  const realm = new URL(challenge.realm);
  if (realm.protocol !== "https:" && !attempt.host.insecure)
    throw fault("internal", `registry ${attempt.host.host} wants a password at ${realm.protocol}//${realm.host}, which is not secure`);
  const response = await askForToken(attempt, challenge, realm);
  const reply = await readReply(response);
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

async function askForToken(attempt: Attempt, { service }: BearerChallenge, realm: URL): Promise<Response> {
  const { username, password, identityToken } = attempt.credentials;
  const named = service === undefined ? {} : { service };
  if (identityToken !== "") {
    const grant = { grant_type: "refresh_token", refresh_token: identityToken, client_id: "docker", scope: "", ...named };
    return await ask(attempt, realm, { method: "POST", body: new URLSearchParams(grant) });
  }
  const query = { ...(username !== "" && { account: username }), client_id: "docker", offline_token: "true", ...named };
  for (const [name, value] of Object.entries(query)) realm.searchParams.set(name, value);
  return await ask(attempt, realm, { headers: username === "" ? {} : { Authorization: basic(username, password) } });
}

/** In the words that the token server gives, of which there are two forms. */
function tokenRefusal(url: URL, response: Response, reply: Readonly<Record<string, unknown>>): EngineError {
  const [first] = (Array.isArray(reply["errors"]) ? reply["errors"] : []) as readonly { readonly message?: unknown }[];
  const words = [reply["details"], first?.message, reply["message"]].find((value): value is string => typeof value === "string");
  const place = `Get ${JSON.stringify(url.href)}: `;
  if (response.status === 401) return fault("unauthorized", `${place}unauthorized: ${words ?? "authentication required"}`);
  return fault("internal", `${place}token server answered with status ${response.status}`);
}

async function readReply(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const text = new TextDecoder().decode(await readAtMost(response, maxReply));
  try {
    const reply: unknown = JSON.parse(text);
    return typeof reply === "object" && reply !== null ? (reply as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {}; // its status says what it has to say
  }
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
