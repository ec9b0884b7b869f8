import { readFileSync } from "node:fs";
import { arch, cpus, hostname, release, totalmem } from "node:os";
import { now, type Place } from "#base";
import type { MachineFacts } from "#container";
import type { FixedFacts } from "#engine";
import type { Stores } from "./stores.ts";
import type { DaemonOptions } from "./options/daemon-options.ts";

interface Parts {
  readonly id: string;
  readonly options: DaemonOptions;
  readonly place: Place;
  readonly machine: MachineFacts;
  readonly layers: Pick<Stores["layers"], "driver" | "driverStatus">;
  readonly hasUserSpace: boolean;
  readonly warnings: readonly string[];
}

/** What `info` tells and what does not change while the daemon lives. */
export function readFixedFacts(parts: Parts): FixedFacts {
  const { machine, options } = parts;
  const release_ = osRelease();
  return {
    id: parts.id,
    name: hostname(),
    root: parts.place.dataRoot,
    kernelVersion: release(),
    operatingSystem: release_["PRETTY_NAME"] ?? "Linux",
    osVersion: release_["VERSION_ID"] ?? "",
    architecture: arch() === "arm64" ? "aarch64" : "x86_64",
    cpus: cpus().length,
    memory: totalmem(),
    layerDriver: parts.layers.driver,
    layerDriverStatus: parts.layers.driverStatus,
    cgroup: {
      version: machine.cgroupVersion === 2 ? "2" : "1",
      driver: "cgroupfs",
      memoryLimit: true,
      swapLimit: machine.swapLimit,
      pidsLimit: true,
    },
    securityOptions: [
      ...(machine.appArmor !== undefined ? ["name=apparmor"] : []),
      ...(options.containers.isSeccompOff
        ? ["name=seccomp,profile=unconfined"]
        : [`name=seccomp,profile=${options.containers.seccompFile ?? "builtin"}`]),
      ...(parts.hasUserSpace ? ["name=userns"] : []),
      ...(options.containers.noNewPrivileges ? ["name=no-new-privileges"] : []),
      ...(machine.cgroupVersion === 2 ? ["name=cgroupns"] : []),
    ],
    cdiSpecDirs: options.cdiSpecDirs,
    experimental: options.experimental,
    loggingDriver: options.containers.log.driver,
    proxies: options.images.proxies,
    warnings: parts.warnings,
    startedAt: now(),
  };
}

/** os-release(5) as pairs; empty where there is none. */
function osRelease(): Readonly<Record<string, string>> {
  const pairs: Record<string, string> = {};
  for (const path of ["/etc/os-release", "/usr/lib/os-release"]) {
    try {
      for (const line of readFileSync(path, "utf8").split("\n")) {
        const [key, value] = line.split("=", 2);
        if (key !== undefined && value !== undefined) pairs[key] = value.replace(/^"|"$/g, "");
      }
      return pairs;
    } catch {
      continue;
    }
  }
  return pairs;
}
