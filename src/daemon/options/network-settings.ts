// The default bridge and what containers on it reach.
import { isAbsolute } from "node:path";
import { checkBridge, checkCidr, checkDomains, isEmpty, isOneOf, notNegative } from "./checks.ts";
import { addressPools, anything } from "./compound-kinds.ts";
import { address, addresses, integer, text, texts, toggle } from "./kinds.ts";
import { setting } from "./setting.ts";

export const networkSettings = {
  bridge: setting(text, "Attach containers to a network bridge", { short: "b", fallback: "gantry0", check: checkBridge }),
  bip: setting(text, "IPv4 address for the default bridge", { check: checkCidr("bip") }),
  "fixed-cidr": setting(text, "IPv4 subnet for the default bridge network", { check: checkCidr("fixed-cidr") }),
  "default-gateway": setting(address, "Default gateway IPv4 address for the default bridge network"),
  "default-address-pools": setting(addressPools, "Default address pools for node specific local networks", {
    flag: "default-address-pool",
  }),
  mtu: setting(integer, 'Set the MTU for the default "bridge" network', { fallback: "1500", check: notNegative("default MTU") }),
  icc: setting(toggle, "Enable inter-container communication for the default bridge network", { fallback: "true" }),
  ip: setting(address, "Host IP for port publishing from the default bridge network", { fallback: "0.0.0.0" }),
  "ip-forward": setting(toggle, "Enable IP forwarding in system configuration", { fallback: "true" }),
  "ip-forward-no-drop": setting(toggle, "Do not set the filter-FORWARD policy to DROP when enabling IP forwarding", {
    note: "other tables' policies are never touched",
  }),
  "ip-masq": setting(toggle, "Enable IP masquerading for the default bridge network", { fallback: "true" }),
  iptables: setting(toggle, "Enable addition of iptables rules", {
    fallback: "true",
    note: "the rules are nftables' own; false makes no table at all",
  }),
  ip6tables: setting(toggle, "Enable addition of ip6tables rules", { fallback: "true", note: "there are no rules for IPv6 yet" }),
  "firewall-backend": setting(text, "Firewall backend to use", { supports: isOneOf("", "nftables"), note: "`nftables`" }),
  "allow-direct-routing": setting(toggle, "Allow remote access to published ports on container IP addresses", { supports: isOneOf(false) }),
  "bridge-accept-fwmark": setting(text, "Accept packets with this firewall mark in bridge networks", { supports: isEmpty }),
  "userland-proxy": setting(toggle, "Use userland proxy for loopback traffic", {
    fallback: "true",
    note: "there is no process per port either way",
  }),
  "userland-proxy-path": setting(text, "Path to the userland proxy binary", { check: checkProxyPath, note: "never run" }),
  dns: setting(addresses, "DNS server to use"),
  "dns-opts": setting(texts(), "DNS options to use", { flag: "dns-opt" }),
  "dns-search": setting(texts(checkDomain), "DNS search domains to use", { check: checkDomains }),
  "host-gateway-ips": setting(addresses, "IP addresses that the special 'host-gateway' string in --add-host resolves to", {
    flag: "host-gateway-ip",
  }),
  "host-gateway-ip": setting(address, "The same, one address", { flag: null, hidden: true }),
  ipv6: setting(toggle, "Enable IPv6 networking for the default bridge network", { supports: isOneOf(false) }),
  bip6: setting(text, "IPv6 address for the default bridge", { supports: isEmpty }),
  "fixed-cidr-v6": setting(text, "IPv6 subnet for the default bridge network", { supports: isEmpty }),
  "default-gateway-v6": setting(address, "Default gateway IPv6 address for the default bridge network", { supports: isEmpty }),
  "default-network-opts": setting(anything, "Default network options", { flag: "default-network-opt", supports: isEmpty }),
  "network-control-plane-mtu": setting(integer, "Network Control plane MTU", { fallback: "1500", supports: isOneOf(1500) }),
} as const;

function checkDomain(domain: string): void {
  checkDomains([domain]);
}

function checkProxyPath(path: string): void {
  if (path !== "" && !isAbsolute(path)) throw new Error(`invalid userland-proxy-path: must be an absolute path: ${path}`);
}
