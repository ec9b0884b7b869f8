// What Docker's daemon refuses in a setting, in its words.
import { isIP } from "node:net";
import { parseLogLimits } from "#log";

export function isOneOf<T>(...allowed: readonly T[]): (value: T) => boolean {
  return (value) => allowed.includes(value);
}

export function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}

export function notNegative(what: string): (value: number) => void {
  return (value) => {
    if (value < 0) throw new Error(`invalid ${what}: ${value}`);
  };
}

export function checkLogLevel(level: string): void {
  if (!["trace", "debug", "info", "warn", "error", "fatal", "panic"].includes(level)) throw new Error(`invalid logging level: ${level}`);
}

export function checkLogFormat(format: string): void {
  if (format !== "text" && format !== "json") throw new Error(`invalid log format: ${format}`);
}

export function checkLabel(label: string): void {
  const key = label.split("=", 1)[0] ?? "";
  if (!label.includes("=") || key === "") throw new Error(`bad attribute format: ${label}`);
  if (/^(com\.docker|io\.docker|org\.dockerproject)\./i.test(key)) {
    throw new Error(
      `label ${label} is not allowed: the namespaces com.docker.*, io.docker.*, and org.dockerproject.* are reserved for internal use`,
    );
  }
}

/** Two values of one key contradict each other; twice the same does not. */
export function checkLabels(labels: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const label of labels) {
    checkLabel(label);
    const key = label.split("=", 1)[0] ?? "";
    const earlier = seen.get(key);
    if (earlier !== undefined && earlier !== label) throw new Error(`conflict labels for ${label} and ${earlier}`);
    seen.set(key, label);
  }
}

export function checkDomains(domains: readonly string[]): void {
  for (const domain of domains) {
    if (domain.trim() !== "." && !/^[a-zA-Z\d]([\w-]*[a-zA-Z\d])?(\.[a-zA-Z\d_]([\w-]*[a-zA-Z\d])?)*\.?$/.test(domain.trim()))
      throw new Error(`${domain} is not a valid domain`);
  }
}

export function checkMirrors(mirrors: readonly string[]): void {
  for (const entry of mirrors) {
    const mirror = entry.replace(/^[^=/]+=/, "");
    const quoted = JSON.stringify(mirror);
    if (!/^https?:\/\//.test(mirror))
      throw new Error(`invalid mirror: no scheme specified for ${quoted}: must use either 'https://' or 'http://'`);
    if (!URL.canParse(mirror)) throw new Error(`invalid mirror: ${quoted} is not a valid URI`);
    const url = new URL(mirror);
    if (url.search !== "" || url.hash !== "") throw new Error(`invalid mirror: query or fragment at end of the URI ${quoted}`);
    if (url.username !== "" || url.password !== "") {
      url.password = url.password === "" ? "" : "xxxxx";
      throw new Error(`invalid mirror: username/password not allowed in URI ${JSON.stringify(url.href.replace(/\/$/, ""))}`);
    }
  }
}

export function checkAuthHosts(entries: readonly string[]): void {
  for (const entry of entries)
    if (!/^[^=/\s]+=[^=/\s]+$/.test(entry)) throw new Error(`invalid registry-auth-hosts (${entry}): must be formatted 'registry=host'`);
}

export function checkExecOptions(options: readonly string[]): void {
  for (const option of options) {
    const [key, value] = option.split("=", 2);
    if (value === undefined) throw new Error(`invalid exec-opt (${option}): must be formatted 'opt=value'`);
    if (key !== "native.cgroupdriver") throw new Error(`invalid exec-opt (${option}): unknown option: '${key}'`);
  }
}

export function checkIpcMode(mode: string): void {
  if (mode === "shareable" || mode === "private") return;
  if (["host", "none"].includes(mode) || mode.startsWith("container:"))
    throw new Error(`IPC mode "${mode}" is not supported as default value; use "shareable" or "private"`);
  throw new Error(`default IPC mode setting (${mode}) is invalid; use "shareable" or "private"`);
}

export function checkCgroupNamespace(mode: string): void {
  if (mode !== "host" && mode !== "private") throw new Error(`invalid default cgroup namespace (${mode}): use "host" or "private"`);
}

/** Interface names have at most 15 bytes (IFNAMSIZ), and no sign that a path or a rule would read otherwise. */
export function checkBridge(name: string): void {
  if (!/^[a-zA-Z][a-zA-Z0-9_.-]{0,14}$/.test(name)) throw new Error(`bridge ${JSON.stringify(name)}: not a name for an interface`);
}

export function checkCidr(what: string): (value: string) => void {
  return (value) => {
    const [host = "", bits = ""] = value.split("/");
    if (isIP(host) !== 4 || !/^\d{1,2}$/.test(bits) || Number(bits) > 32)
      throw new Error(`invalid ${what}: invalid CIDR address: ${value}`);
  };
}

export function checkResource(resources: readonly string[]): void {
  for (const term of resources)
    if (!term.includes("="))
      throw new Error(`could not parse GenericResource: incorrect term ${term}, missing '=' or malformed expression`);
}

export function checkLogOptions(options: Readonly<Record<string, string>>): void {
  parseLogLimits("json-file", options);
}
