import { describe, expect, test } from "bun:test";
import { checkSysctls, dottedSysctls } from "./sysctls.ts";

const own = { network: "bridge" };

describe("checkSysctls()", () => {
  test.each([
    ["net.ipv4.ip_forward", "1"],
    ["net/ipv4/ip_forward", "1"],
    ["net.ipv4.ping_group_range", "0 1000"],
    ["kernel.shm_rmid_forced", "1"],
    ["kernel.sem", "250\t32000 32 128"],
    ["kernel.domainname", "example.org"],
    ["fs.mqueue.msg_max", "11"],
  ])("lets %j be %j", (name, value) => {
    expect(() => checkSysctls({ [name]: value }, own)).not.toThrow();
  });

  test.each([
    [{ "kernel.core_pattern": "|/x" }, own, 'sysctl "kernel.core_pattern" is not in a separate kernel namespace'],
    [{ "vm.swappiness": "1" }, own, 'sysctl "vm.swappiness" is not in a separate kernel namespace'],
    [{ "": "1" }, own, 'sysctl "" is not in a separate kernel namespace'],
    [{ "kernel.hostname": "x" }, own, 'sysctl "kernel.hostname" is not allowed as it conflicts with the OCI "hostname" field'],
    [{ "kernel.domainname": "x" }, { ...own, utsMode: "host" }, 'sysctl "kernel.domainname" is not in a separate kernel namespace'],
    [{ "net.ipv4.ip_forward": "1" }, { network: "host" }, 'sysctl "net.ipv4.ip_forward" not allowed in host network namespace'],
    [{ "kernel.msgmax": "1" }, { ...own, ipcMode: "host" }, 'sysctl "kernel.msgmax" is not allowed in the hosts ipc namespace'],
    [{ "net.ipv4.conf.eth0.log_martians": "1" }, own, "interface specific sysctl setting"],
  ])("F07: refuses %j with %j", (sysctls, modes, message) => {
    expect(() => checkSysctls(sysctls, modes)).toThrow(message);
  });

  test.each([
    ["net.ipv4/../../kernel/core_pattern", "1"],
    ["net/../kernel/core_pattern", "1"],
    ["net..kernel", "1"],
    ["net.x\0", "1"],
    ["fs.mqueue.", "1"],
    ["kernel.shm_rmid_forced", "1+kernel.core_pattern=|/x"],
    ["net.ipv4.ip_forward", "1\nkernel.core_pattern=|/x"],
  ])("F07 sysctl-injection: refuses %j with the value %j", (name, value) => {
    expect(() => checkSysctls({ [name]: value }, own)).toThrow("sysctl ");
  });
});

test("dottedSysctls() gives a parameter one name, so that a caller's value takes the default's place", () => {
  expect(dottedSysctls({ "net/ipv4/ip_forward": "1", "net.ipv4.conf.veth0/100.forwarding": "0" })).toEqual({
    "net.ipv4.ip_forward": "1",
    "net.ipv4.conf.veth0/100.forwarding": "0",
  });
});
