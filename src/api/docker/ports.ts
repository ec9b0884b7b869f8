import { fault } from "#base";
import type { PortBinding } from "#container";
import type { HostConfigRequest } from "#wire";

interface Port {
  readonly number: number;
  readonly protocol: "tcp" | "udp";
}

/** Reads the published ports. @throws invalid with Docker's sentence; unsupported, naming what is not there yet */
export function parsePortBindings(bindings: HostConfigRequest["PortBindings"]): readonly PortBinding[] {
  return [...bindings].flatMap(([text, hosts]) => {
    const port = parsePort(text, "HostConfig.PortBindings");
    return hosts.map(({ HostIp: hostIp, HostPort: hostPort }) => ({
      containerPort: port.number,
      protocol: port.protocol,
      hostIp: checkAddress(hostIp),
      ...parseHostPort(hostPort),
    }));
  });
}

/** Reads "80", "80/tcp" as Docker normalizes them: "80/tcp". @throws invalid, unsupported */
export function parseExposedPort(text: string): string {
  const { number, protocol } = parsePort(text, "ExposedPorts");
  return `${number}/${protocol}`;
}

function parsePort(text: string, field: string): Port {
  const [digits = "", protocol = "tcp", ...more] = text.toLowerCase().split("/");
  if (/^[0-9]+-[0-9]+$/.test(digits)) throw fault("unsupported", `${field}: port range '${text}' is not implemented`);
  const number = Number(digits);
  if (!/^[0-9]+$/.test(digits) || number < 1 || number > 65_535 || more.length > 0)
    throw fault("invalid", `invalid port specification: ${JSON.stringify(text)}`);
  if (protocol === "sctp") throw fault("unsupported", `${field}: protocol sctp is not implemented`);
  if (protocol !== "tcp" && protocol !== "udp") throw fault("invalid", `invalid port specification: ${JSON.stringify(text)}`);
  return { number, protocol };
}

function parseHostPort(text: string): Pick<PortBinding, "hostPort" | "hostPortText"> {
  if (text === "" || text === "0") return { hostPort: 0, hostPortText: text };
  if (/^[0-9]+-[0-9]+$/.test(text)) throw fault("unsupported", `HostConfig.PortBindings: host port range '${text}' is not implemented`);
  const port = Number(text);
  if (!/^[0-9]+$/.test(text) || port > 65_535) throw fault("invalid", `invalid port specification: ${JSON.stringify(text)}`);
  return port === 0 ? { hostPort: 0, hostPortText: text } : { hostPort: port };
}

function checkAddress(text: string): string {
  if (text === "") return text;
  if (text.includes(":")) throw fault("unsupported", `HostConfig.PortBindings: IPv6 host address '${text}' is not implemented`);
  const parts = text.split(".");
  if (parts.length !== 4 || parts.some((part) => !/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255))
    throw fault("invalid", `invalid host IP address: ${JSON.stringify(text)}`);
  return text;
}
