import { join } from "node:path";
import { configFolder } from "./config-file.ts";
import { bool, type Flag, list, text } from "./flag.ts";

/** Flags before the command; the paths that the help shows as defaults follow from the environment, and `program` is its name in it. */
export function globalFlags(env: Readonly<Record<string, string | undefined>>, program = "gantry"): readonly Flag[] {
  const certificates = env["DOCKER_CERT_PATH"] || configFolder("", env);
  return [
    text("config", "Location of client config files", { fallback: configFolder("", env) }),
    text(
      "context",
      `Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var and default context set with "${program} context use")`,
      {
        short: "c",
      },
    ),
    bool("debug", "Enable debug mode", { short: "D" }),
    list("host", "Daemon socket to connect to", { short: "H", valueName: "string" }),
    text("log-level", 'Set the logging level ("debug", "info", "warn", "error", "fatal")', { short: "l", fallback: "info" }),
    bool("no-autostart", "Do not start the daemon when it is not running"),
    bool("tls", "Use TLS; implied by --tlsverify"),
    text("tlscacert", "Trust certs signed only by this CA", { fallback: join(certificates, "ca.pem") }),
    text("tlscert", "Path to TLS certificate file", { fallback: join(certificates, "cert.pem") }),
    text("tlskey", "Path to TLS key file", { fallback: join(certificates, "key.pem") }),
    bool("tlsverify", "Use TLS and verify the remote"),
    bool("version", "Print version information and quit", { short: "v" }),
  ];
}
