import { describe, expect, test } from "bun:test";
import type { StatsReply } from "#client";
import { usageFigures, usageRow } from "./usage-row.ts";

const zero = { cpu_usage: { total_usage: 0 } };
const stopped: StatsReply = { read: "", preread: "", cpu_stats: zero, precpu_stats: zero, memory_stats: {} };
const disk = { major: 8, minor: 0 };
const named = { container: "web", id: "0123", name: "web" };

describe("usageFigures()", () => {
  test("takes the share of the processor from two readings", () => {
    const stats = {
      ...stopped,
      cpu_stats: { cpu_usage: { total_usage: 600 }, system_cpu_usage: 3_000, online_cpus: 4 },
      precpu_stats: { cpu_usage: { total_usage: 100 }, system_cpu_usage: 1_000, online_cpus: 4 },
    };
    expect(usageFigures(stats).cpu).toBe(100);
    expect(usageFigures({ ...stats, precpu_stats: stats.cpu_stats }).cpu).toBe(0);
  });

  test.each([
    ["version 1", { usage: 1000, stats: { total_inactive_file: 300, inactive_file: 100 } }, 700],
    ["version 2", { usage: 1000, stats: { inactive_file: 100 } }, 900],
    ["counters that are newer than the usage", { usage: 1000, stats: { inactive_file: 2000 } }, 1000],
    ["no counters", { usage: 1000 }, 1000],
    ["nothing", {}, 0],
  ])("leaves out files that may be dropped, with %s", (_, memory, expected) => {
    expect(usageFigures({ ...stopped, memory_stats: memory }).memory).toBe(expected);
  });

  test("adds up interfaces and devices, however the kernel spells what was done", () => {
    expect(
      usageFigures({
        ...stopped,
        pids_stats: { current: 3 },
        networks: { eth0: { rx_bytes: 1, tx_bytes: 2 }, eth1: { rx_bytes: 10, tx_bytes: 20 } },
        blkio_stats: {
          io_service_bytes_recursive: [
            { ...disk, op: "Read", value: 1 },
            { ...disk, op: "write", value: 2 },
            { ...disk, op: "Total", value: 3 },
            { ...disk, op: "read", value: 4 },
          ],
        },
      }),
    ).toMatchObject({ received: 11, sent: 22, read: 5, written: 2, processes: 3 });
  });
});

describe("usageRow()", () => {
  test("writes the figures as Docker does", () => {
    const figures = {
      cpu: 19.876,
      memory: 684_032,
      memoryLimit: 67_108_864,
      received: 736,
      sent: 1_263_000,
      read: 0,
      written: 5e9,
      processes: 1,
    };
    expect(JSON.stringify(usageRow(named, figures))).toBe(
      '{"BlockIO":"0B / 5GB","CPUPerc":"19.88%","Container":"web","ID":"0123","MemPerc":"1.02%","MemUsage":"668KiB / 64MiB",' +
        '"Name":"web","NetIO":"736B / 1.26MB","PIDs":"1"}',
    );
  });

  test("is zero for a container that does not run, and unknown for one that is gone", () => {
    expect(usageRow(named, usageFigures(stopped))).toMatchObject({ CPUPerc: "0.00%", MemPerc: "0.00%", MemUsage: "0B / 0B" });
    expect(usageRow(named, undefined)).toMatchObject({ CPUPerc: "--", MemUsage: "-- / --", Name: "web" });
  });
});
