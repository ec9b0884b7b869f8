// Our command line and the stock client say the same to a real Docker daemon: the one at PEER_HOST, which has a busybox image.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { run, succeed, type Output } from "../support/command.ts";
import { builtProgram, stockClient } from "../support/tools.ts";

const host = process.env["PEER_HOST"] ?? "";
const env = { DOCKER_HOST: host };
const token = `cmp${crypto.getRandomValues(new Uint8Array(3)).toHex()}`;
const running = `${token}-running`;
const created = `${token}-created`;

const lines: readonly (readonly string[])[] = [
  ["run", "--rm", "busybox", "sh", "-c", "echo out; echo error >&2; exit 7"],
  [
    "run",
    "--rm",
    "-e",
    "A=1",
    "-w",
    "/tmp",
    "-h",
    "there",
    "-u",
    "0",
    "--tmpfs",
    "/t",
    "--read-only",
    "busybox",
    "sh",
    "-c",
    "echo $A; pwd; hostname; id",
  ],
  ["run", "--rm", "busybox", "nocmd"],
  ["run", "--rm", "busybox", "/etc"],
  ["run", "--rm", "-p", "abc", "busybox"],
  ["run", "--rm", "-m", "4", "busybox"],
  ["run", "--pull", "never", "absent"],
  ["run"],
  ["run", "--nope", "busybox"],
  ["run", "-it", "busybox"],
  ["ps", "-a", "--filter", `name=${token}`],
  ["ps", "-a", "--no-trunc", "--filter", `name=${token}`],
  ["ps", "-a", "--format", "json", "--filter", `name=${created}`],
  ["images", "busybox"],
  ["images", "--no-trunc", "busybox"],
  ["images", "--filter", "foo=bar"],
  ["logs", running],
  ["logs", "--tail", "1", running],
  ["exec", running, "sh", "-c", "echo in; exit 3"],
  ["exec", running, "nocmd"],
  ["exec", created, "true"],
  ["inspect", running],
  ["inspect", "--format", "json", created],
  ["inspect", "nope", created],
  ["image", "inspect", "busybox"],
  ["kill", created],
  ["rename", running, created],
  ["attach", created],
  ["rm", running],
  ["rm", "nope", "nope2"],
  ["rm", "-f", "nope"],
  ["rmi", "nope"],
  ["start", "nope", "nope2"],
  ["wait", "nope"],
  ["tag", "nope", "x"],
  ["pull", "NOPE"],
  ["load", "-i", "/nope"],
  ["events", "--since", "x"],
  ["container", "ls", "extra"],
  ["logs", "--help"],
  ["exec", "--help"],
  ["nope"],
];

/** Ids and times differ from call to call, the stock client's 28.2 has a slip of the pen in one message. */
function settled({ code, stdout, stderr }: Output): Output {
  const settle = (text: string): string =>
    text
      .replaceAll(/[0-9a-f]{64}/g, "<id>")
      .replaceAll(/(?:About an?|Less than a|\d+) (?:second|minute|hour)s?/g, "<time>")
      .replaceAll(/ {2,}/g, "  ")
      .replaceAll("SRun '", "Run '");
  return { code, stdout: settle(stdout), stderr: settle(stderr) };
}

describe.skipIf(host === "")("our command line and the stock client: PEER_HOST names a Docker daemon", () => {
  beforeAll(async () => {
    const script = "echo one; echo two >&2; exec sleep 600";
    await succeed([stockClient(), "run", "-d", "--name", running, "-l", "a=b", "--expose", "99", "busybox", "sh", "-c", script], { env });
    await succeed([stockClient(), "create", "--name", created, "busybox", "echo", 'a "quoted" and long argument'], { env });
  });

  afterAll(async () => {
    await succeed([stockClient(), "rm", "-f", running, created], { env });
  });

  test.each(lines)("say the same to: %s %s %s", async (...args) => {
    const ours = await run([builtProgram("docker"), ...args], { env });
    expect(settled(ours)).toEqual(settled(await run([stockClient(), ...args], { env })));
  });
});
