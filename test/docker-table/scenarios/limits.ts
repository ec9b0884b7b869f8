import { newest, type Scenario, type Step } from "../scenario.ts";

const megabyte = 2 ** 20;

const create = (title: string, host: object): Step => ({
  title: `create with ${title}`,
  ask: "POST /containers/create?name=limits-refused",
  body: { Image: "busybox", Cmd: ["true"], HostConfig: host },
});

const update = (title: string, body: object): Step => ({ title: `update with ${title}`, ask: "POST /containers/limits/update", body });

/** Limits that every kernel of today knows, right and wrong; and what becomes of them. */
export const limits: Scenario = {
  name: "limits",
  versions: newest,
  steps: [
    create("too little memory", { Memory: 1 }),
    create("memory below zero", { Memory: -1 }),
    create("less swap than memory", { Memory: 8 * megabyte, MemorySwap: 4 * megabyte }),
    create("swap alone", { MemorySwap: 8 * megabyte }),
    create("swappiness out of range", { MemorySwappiness: 101 }),
    create("too little reservation", { MemoryReservation: 1 }),
    create("more reserved than there is", { Memory: 64 * megabyte, MemoryReservation: 65 * megabyte }),
    create("processors said twice", { NanoCpus: 5e8, CpuPeriod: 100_000 }),
    create("processors and a quota", { NanoCpus: 5e8, CpuQuota: 1000 }),
    create("shares below zero", { CpuShares: -1 }),
    create("a short period", { CpuPeriod: 10 }),
    create("a long period", { CpuPeriod: 2_000_000 }),
    create("a short quota", { CpuQuota: 10 }),
    create("a processor that is none", { CpusetCpus: "a" }),
    create("a range backwards", { CpusetCpus: "1-0" }),
    create("a huge range", { CpusetCpus: "0-2147483647" }),
    create("an empty part", { CpusetCpus: "0," }),
    create("a node that is none", { CpusetMems: "x" }),
    create("an OOM score out of range", { OomScoreAdj: 1001 }),
    create("shared memory below zero", { ShmSize: -1 }),
    create("Windows' operations", { IOMaximumIOps: 1 }),
    create("Windows' bandwidth", { IOMaximumBandwidth: 1 }),
    create("more realtime than its period", { CpuRealtimeRuntime: 950_000, CpuRealtimePeriod: 1000 }),
    {
      title: "create",
      ask: "POST /containers/create?name=limits",
      body: { Image: "busybox", Cmd: ["sleep", "1000"], HostConfig: { Memory: 64 * megabyte, CpuPeriod: 50_000 } },
    },
    { title: "start", ask: "POST /containers/limits/start" },
    update("nothing", {}),
    update("too little memory", { Memory: 1 }),
    update("more memory than swap", { Memory: 512 * megabyte }),
    update("processors against the period", { NanoCpus: 5e8 }),
    update("a restart policy that is none", { RestartPolicy: { Name: "bad" } }),
    update("other limits", { Memory: 32 * megabyte, PidsLimit: -1, CpuShares: 512, MemoryReservation: 16 * megabyte }),
    { title: "remove", ask: "DELETE /containers/limits?force=1", unheld: true },
  ],
};
