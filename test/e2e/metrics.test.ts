import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { removeForced, startNew, wait } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { readPrometheusText } from "../support/prometheus-text.ts";

setDefaultTimeout(30_000);

const whole = `# HELP a_total x
# TYPE a_total counter
a_total{k="v\\"w"} 1
# HELP h x
# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="+Inf"} 2
h_sum 3
h_count 2
`;

describe("readPrometheusText()", () => {
  test("reads what is right", () => {
    expect(readPrometheusText(whole).get("a_total")?.samples.get('a_total{k="v\\"w"}')).toBe(1);
  });

  test.each([
    ["a last line that does not end", whole.slice(0, -1)],
    ["a sample of nobody", `stray 1\n${whole}`],
    ["a sample of another family", whole.replace("a_total{", "b_total{")],
    ["a family twice", whole + whole],
    ["a type that is none", whole.replace("TYPE h histogram", "TYPE h histo")],
    ["a counter with a strange name", whole.replaceAll("a_total", "a_sum")],
    ["a value that is none", whole.replace("} 1\n# HELP h", "} one\n# HELP h")],
    ["a label without quotes", whole.replace('k="v\\"w"', "k=v")],
    ["a label whose quote is not escaped", whole.replace('v\\"w', 'v"w')],
    ["a label twice", whole.replace('k="v\\"w"', 'k="v",k="w"')],
    ["a sample twice", whole.replace("h_sum 3\n", "h_sum 3\nh_sum 3\n")],
    ["buckets that shrink", whole.replace('h_bucket{le="1"} 1', 'h_bucket{le="1"} 3')],
    ["a last bucket that does not hold all", whole.replace('h_bucket{le="+Inf"} 2', 'h_bucket{le="+Inf"} 1')],
    ["a histogram without its sum", whole.replace("h_sum 3\n", "")],
    ["a counter below 0", whole.replace("} 1\n# HELP h", "} -1\n# HELP h")],
  ])("refuses %s", (_title, text) => {
    expect(() => readPrometheusText(text)).toThrow();
  });
});

describe("metrics-addr", () => {
  const scrape = async (daemon: TestDaemon, ...args: readonly string[]): Promise<{ status: string; type: string; body: string }> => {
    const { stdout } = await daemon.run(["curl", "-s", "-w", "\\n%{http_code} %{content_type}", ...args]);
    const end = stdout.lastIndexOf("\n");
    const [status = "", ...type] = stdout.slice(end + 1).split(" ");
    return { status, type: type.join(" "), body: stdout.slice(0, end) };
  };

  test("serves Docker's names on an address of its own, and nothing to browsers or containers", async () => {
    await using daemon = await startDaemon({ enclosed: true, flags: ["--metrics-addr", "0.0.0.0:9323"] });
    await loadImage(daemon.place.socket, "busybox");
    const url = "http://127.0.0.1:9323/metrics";
    const running = await startNew(daemon, { Cmd: ["sleep", "1000"] });
    const ended = await startNew(daemon, { Cmd: ["true"] });
    await wait(daemon, ended);
    await removeForced(daemon, ended);
    const { status, type, body } = await scrape(daemon, url);
    expect([status, type]).toEqual(["200", "text/plain; version=0.0.4; charset=utf-8"]);
    const families = readPrometheusText(body);
    const value = (family: string, sample = family): number | undefined => families.get(family)?.samples.get(sample);
    const prefix = "engine_daemon_";
    for (const [name, kind] of Object.entries({
      container_actions_seconds: "histogram",
      container_states_containers: "gauge",
      engine_cpus_cpus: "gauge",
      engine_info: "gauge",
      engine_memory_bytes: "gauge",
      events_subscribers_total: "gauge",
      events_total: "counter",
      health_checks_failed_total: "counter",
      health_checks_total: "counter",
      host_info_functions_seconds: "histogram",
    }))
      expect([name, families.get(`${prefix}${name}`)?.type]).toEqual([name, kind]);
    const states = `${prefix}container_states_containers`;
    expect(["running", "paused", "stopped"].map((state) => value(states, `${states}{state="${state}"}`))).toEqual([1, 0, 0]);
    const actions = `${prefix}container_actions_seconds`;
    const counted = ["create", "start", "delete", "changes", "commit"].map((action) =>
      value(actions, `${actions}_count{action="${action}"}`),
    );
    expect(counted).toEqual([2, 2, 1, 0, 0]);
    expect(value(`${prefix}events_total`)).toBeGreaterThanOrEqual(6);
    expect(value("process_resident_memory_bytes")).toBeGreaterThan(1e6);
    expect(body).toContain('version="28.5.2"} 1\n');

    expect((await scrape(daemon, "http://127.0.0.1:9323/")).status).toBe("404");
    expect((await scrape(daemon, "-X", "POST", url)).status).toBe("405");
    for (const site of ["cross-site", "same-origin"])
      expect((await scrape(daemon, "-H", `Sec-Fetch-Site: ${site}`, url)).status).toBe("403");
    const gateway = daemon.place.bip.replace("/24", "");
    const inside = await daemon.gantry(["exec", running, "timeout", "2", "wget", "-q", "-O", "-", `http://${gateway}:9323/metrics`]);
    expect([inside.code === 0, inside.stdout]).toEqual([false, ""]);
  });

  test("is not served unless it was asked for, and stops a start where it cannot be", async () => {
    await using daemon = await startDaemon({ enclosed: true });
    expect((await scrape(daemon, "http://127.0.0.1:9323/metrics")).status).toBe("000");
    const taken = startDaemon({ enclosed: true, flags: ["--metrics-addr", "192.0.2.1:9323"] });
    expect(taken).rejects.toThrow("metrics-addr 192.0.2.1:9323");
    await taken.catch(() => undefined);
  });
});
