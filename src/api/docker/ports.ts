import { fault } from "#base";
import type { PortBinding } from "#container";
import { formatIpv6, parseIpv4, parseIpv6, type PortProtocol } from "#network";
import type { HostConfigRequest } from "#wire";

interface Port {
  readonly number: number;
  readonly protocol: PortProtocol;
}

/** Reads the published ports. @throws invalid with Docker's sentence; unsupported, naming what is not there yet */
export function parsePortBindings(bindings: HostConfigRequest["PortBindings"]): readonly PortBinding[] {
  return [...bindings].flatMap(([text, hosts]) => {
    const port = parsePort(text);
    return hosts.map(({ HostIp: hostIp, HostPort: hostPort }) => ({
      containerPort: port.number,
      protocol: port.protocol,
      hostIp: checkAddress(hostIp),
      ...parseHostPort(hostPort),
    }));
  });
}

/** Reads "80", "80/tcp" and "80-82/tcp" as Docker normalizes them: "80/tcp", each port of a range. @throws invalid */
export function parseExposedPorts(text: string): readonly string[] {
  const [, first, last, rest = ""] = /^([0-9]+)-([0-9]+)((?:\/.*)?)$/.exec(text) ?? [];
  if (first === undefined || last === undefined) return [exposed(text)];
  if (Number(last) < Number(first) || Number(last) > 65_535) throw fault("invalid", `invalid port specification: ${JSON.stringify(text)}`);
  return Array.from({ length: Number(last) - Number(first) + 1 }, (_, index) => exposed(`${Number(first) + index}${rest}`));
}

function exposed(text: string): string {
  const { number, protocol } = parsePort(text);
  return `${number}/${protocol}`;
}

function parsePort(text: string): Port {
  const [digits = "", protocol = "tcp", ...more] = text.toLowerCase().split("/");
  const number = Number(digits);
  if (!/^[0-9]+$/.test(digits) || number < 1 || number > 65_535 || more.length > 0 || !isProtocol(protocol))
    throw fault("invalid", `invalid port specification: ${JSON.stringify(more.length > 0 ? text : digits)}`);
  return { number, protocol };
}

function isProtocol(text: string): text is PortProtocol {
  return text === "tcp" || text === "udp" || text === "sctp";
}

function parseHostPort(text: string): Pick<PortBinding, "hostPort" | "hostPortEnd" | "hostPortText"> {
  const [, firstText = "", lastText = firstText] = /^([0-9]*)(?:-([0-9]+))?$/.exec(text) ?? ["", "-"];
  const [first, last] = [Number(firstText), Number(lastText)];
  if (Number.isNaN(first) || last > 65_535 || last < first) throw fault("invalid", `invalid port specification: ${JSON.stringify(text)}`);
  if (last > first) return { hostPort: first, hostPortEnd: last, hostPortText: text };
  return first === 0 || String(first) !== text ? { hostPort: first, hostPortText: text } : { hostPort: first };
}

function checkAddress(text: string): string {
  if (text === "" || parseIpv4(text) !== undefined) return text;
  const ipv6 = parseIpv6(text);
  if (ipv6 === undefined) throw fault("invalid", `invalid host IP address: ${JSON.stringify(text)}`);
  return formatIpv6(ipv6);
}
