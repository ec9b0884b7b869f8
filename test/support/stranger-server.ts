// Registries on 198.51.100.2, run as a program inside an enclosure: far away, so nothing is forgiven them.
//   bun stranger-server.ts FOLDER      with the certificates in it (PEM): good, expired, misnamed, unknown, mutual (each also NAME-key), clients
// Says on stdout which port each has, as JSON in one line, and then each thing it is told: "NAME METHOD PATH AUTHORIZATION".
import { createServer } from "node:net";
import { join } from "node:path";

const address = "198.51.100.2";
const [folder = ""] = process.argv.slice(2);

type Answer = (url: URL, request: Request) => Response;

const pem = (name: string): Bun.BunFile => Bun.file(join(folder, `${name}.pem`));
const unknown: Answer = () => Response.json({ errors: [{ code: "NAME_UNKNOWN", message: "unknown" }] }, { status: 404 });

function serve(
  name: string,
  options: { readonly hostname?: string; readonly certificate?: string; readonly answer?: Answer; readonly clients?: string } = {},
): number {
  const { hostname = address, certificate, answer = unknown, clients } = options;
  const tls = certificate === undefined ? undefined : { cert: pem(certificate), key: pem(`${certificate}-key`) };
  const mutual = clients === undefined ? {} : { ca: pem(clients), requestCert: true, rejectUnauthorized: true };
  const server = Bun.serve({
    hostname,
    port: 0,
    ...(tls !== undefined && { tls: { ...tls, ...mutual } }),
    fetch(request) {
      const url = new URL(request.url);
      console.log(`${name} ${request.method} ${url.pathname} ${request.headers.get("authorization") ?? "-"}`);
      return answer(url, request);
    },
  });
  return server.port ?? 0;
}

/** Tells the first byte of what it is sent and hangs up. */
async function serveReset(name: string): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("data", (bytes) => {
      console.log(`${name} ${bytes.toString("latin1", 0, 1) === "\u0016" ? "handshake" : "plain text"}`);
      socket.resetAndDestroy();
    });
  });
  const listening = Promise.withResolvers<void>();
  server.listen(0, address, listening.resolve);
  await listening.promise;
  const bound = server.address();
  return typeof bound === "object" ? (bound?.port ?? 0) : 0;
}

const plain = serve("plain");
const inner = serve("inner", { hostname: "127.0.0.1", certificate: "good" });
/** The repository says where to. */
const targets: Readonly<Record<string, string>> = {
  loopback: `https://127.0.0.1:${inner}/`,
  localhost: `https://localhost:${inner}/`,
  six: `https://[::1]:${inner}/`,
  mapped: `https://[::ffff:127.0.0.1]:${inner}/`,
  metadata: "https://169.254.169.254/latest/",
  private: "https://10.0.0.1/",
  downgrade: `http://${address}:${plain}/`,
};

const target = ({ pathname }: URL): string => targets[pathname.split("/")[2] ?? ""] ?? "";
const ports = {
  plain,
  reset: await serveReset("reset"),
  good: serve("good", { certificate: "good" }),
  expired: serve("expired", { certificate: "expired" }),
  misnamed: serve("misnamed", { certificate: "misnamed" }),
  unknown: serve("unknown", { certificate: "unknown" }),
  mutual: serve("mutual", { certificate: "mutual", clients: "clients" }),
  redirects: serve("redirects", { certificate: "good", answer: (url) => Response.redirect(target(url), 307) }),
  challenges: serve("challenges", {
    certificate: "good",
    answer: (url) => new Response("", { status: 401, headers: { "WWW-Authenticate": `Bearer realm="${target(url)}token",service="s"` } }),
  }),
};
console.log(JSON.stringify(ports));
