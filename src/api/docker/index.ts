export { spokenRelease, type Identity } from "./identity.ts";
export { serveDocker, type DockerServer, type ServerLogger, type ServerOptions } from "./server.ts";
