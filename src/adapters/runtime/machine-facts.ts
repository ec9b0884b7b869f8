import { release } from "node:os";
import { capabilitiesOfMask, type MachineFacts } from "#container";
import { readMachine } from "#linux";

const CAP_SYS_RESOURCE = 1n << 24n;

/** What plans must know of this machine; read once, at the start of the daemon. */
export function readMachineFacts(): MachineFacts {
  const machine = readMachine();
  const { hostname, architecture, cgroupVersion, limits, swapLimit, mostThreads, enforces, thermalPaths, devices } = machine;
  return {
    hostname,
    architecture,
    kernelRelease: release(),
    cgroupVersion,
    limits,
    swapLimit,
    mostThreads,
    enforces,
    thermalPaths,
    devices,
    capabilities: capabilitiesOfMask(machine.boundingSet),
    raisesLimits: (machine.effectiveSet & CAP_SYS_RESOURCE) !== 0n,
  };
}
