// Docker Hub in small, run as a program inside an enclosure: registry, token server and storage under their names on 127.0.0.1:443.
//   bun hub-server.ts LAYOUT CERTIFICATE KEY      serves the image of an OCI layout as library/hello-world:latest; library/hidden is for
//                                                 others, library/limited has been asked for too often
// Tells each request on stdout, "HOST METHOD PATH SCHEME-OF-AUTHORIZATION", after the line "ready".
import { join } from "node:path";

const [layout = "", certificate = "", key = ""] = process.argv.slice(2);
const registry = "registry-1.docker.io";
const storage = "production.cloudflare.docker.com";
const scope = "repository:library/hello-world:pull";
const bobs = `Basic ${btoa("bob:secret")}`;

const index = (await Bun.file(join(layout, "index.json")).json()) as { readonly manifests: readonly { readonly digest: string }[] };
const latest = index.manifests[0]?.digest ?? "";

function blob(digest: string): Bun.BunFile {
  return Bun.file(join(layout, "blobs/sha256", digest.replace("sha256:", "")));
}

async function manifest(name: string): Promise<Response> {
  const file = blob(name === "latest" ? latest : name);
  if (!(await file.exists()))
    return Response.json({ errors: [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }] }, { status: 404 });
  const { mediaType = "" } = (await file.json()) as { readonly mediaType?: string };
  return new Response(await file.bytes(), { headers: { "Content-Type": mediaType } });
}

/** Anybody gets a token, and bob one of his own; a wrong password gets none. */
function token(authorization: string | null): Response {
  if (authorization === null) return Response.json({ token: "anybody", expires_in: 300 });
  if (authorization === bobs) return Response.json({ token: "bob", expires_in: 300 });
  return Response.json({ details: "incorrect username or password" }, { status: 401 });
}

/** What index.docker.io finds. */
function search(url: URL): Response {
  const found = { name: "hello-world", description: "says hello", star_count: 7, is_official: true };
  return Response.json({ query: url.searchParams.get("q"), num_results: 1, results: [found] });
}

function answer(url: URL, authorization: string | null): Response | Promise<Response> {
  if (url.hostname === "auth.docker.io") return token(authorization);
  if (url.hostname === "index.docker.io") return search(url);
  if (url.hostname === storage) return new Response(blob(url.pathname.slice(1)));
  if (url.hostname !== registry || !["Bearer anybody", "Bearer bob"].includes(authorization ?? "")) {
    const asked = `Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="${scope}"`;
    return Response.json({ errors: [{ code: "UNAUTHORIZED" }] }, { status: 401, headers: { "WWW-Authenticate": asked } });
  }
  if (url.pathname.startsWith("/v2/library/hidden/"))
    return Response.json({ errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] }, { status: 401 });
  if (url.pathname.startsWith("/v2/library/limited/")) {
    const errors = [{ code: "TOOMANYREQUESTS", message: "You have reached your pull rate limit." }];
    return Response.json({ errors }, { status: 429, headers: { "Retry-After": "3600" } });
  }
  const [, kind, name = ""] = /^\/v2\/library\/hello-world\/(manifests|blobs)\/(.+)$/.exec(url.pathname) ?? [];
  if (kind === "manifests") return manifest(name);
  if (kind === "blobs") return Response.redirect(`https://${storage}/${name}`, 307);
  return url.pathname === "/v2/" ? Response.json({}) : Response.json({ errors: [{ code: "NAME_UNKNOWN" }] }, { status: 404 });
}

Bun.serve({
  hostname: "127.0.0.1",
  port: 443,
  tls: { cert: Bun.file(certificate), key: Bun.file(key) },
  fetch(request) {
    const url = new URL(request.url);
    const authorization = request.headers.get("authorization");
    console.log(`${url.hostname} ${request.method} ${url.pathname} ${authorization?.split(" ")[0] ?? "-"}`);
    return answer(url, authorization);
  },
});
console.log("ready");
