import { fault } from "#base";
import type { Endpoint } from "./endpoint.ts";

/**
 * The endpoint behind ssh://[USER@]HOST[:PORT][/PATH OF THE SOCKET]: `docker system dial-stdio` over there carries the stream, with the
 * arguments that Docker's client gives to ssh.
 * @throws invalid in Docker's words
 */
export function sshEndpoint(address: string): Endpoint {
  const { user, host, port, path } = partsOf(address);
  const login = [...(user === "" ? [] : ["-l", user]), ...(port === "" ? [] : ["-p", port])];
  const socket = path.replaceAll("/", "") === "" ? [] : ["--host", `unix://${path}`];
  const remote = ["docker", ...socket, "system", "dial-stdio"].map(quoted);
  return { kind: "command", argv: ["ssh", "-o", "ConnectTimeout=30", "-T", ...login, "--", host, ...remote], address };
}

interface SshParts {
  readonly user: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
}

/** Not `URL`, which knows no userinfo and no path for schemes that it does not know well, and rewrites hosts. */
function partsOf(address: string): SshParts {
  const match = /^ssh:\/\/(?:([^@/?#]*)@)?(\[[^\]]*\]|[^:/?#]*)(?::(\d*))?(\/[^?#]*)?(?:\?([^#]*))?(?:#(.*))?$/.exec(address);
  if (match === null)
    throw fault("invalid", `ssh host connection is not valid: invalid SSH URL: unable to parse ${JSON.stringify(address)}`);
  const [, userinfo = "", bracketed = "", port = "", path = "", query = "", fragment = ""] = match;
  const host = bracketed.replace(/^\[(.*)\]$/, "$1");
  const wrong = userinfo.includes(":")
    ? "plain-text password is not supported"
    : host === ""
      ? "hostname is empty"
      : query !== ""
        ? `query parameters are not allowed: ${JSON.stringify(query)}`
        : fragment !== ""
          ? `fragments are not allowed: ${JSON.stringify(fragment)}`
          : undefined;
  if (wrong !== undefined) throw fault("invalid", `ssh host connection is not valid: invalid SSH URL: ${wrong}`);
  return { user: decoded(userinfo), host, port, path: decoded(path) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    throw fault("invalid", `ssh host connection is not valid: invalid SSH URL: invalid URL escape in ${JSON.stringify(part)}`, {
      cause: error,
    });
  }
}

/** As one word of the shell that sshd hands its command to. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}
