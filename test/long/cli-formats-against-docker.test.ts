// --format of our command line and of the stock client at one daemon, the one at PEER_HOST (Docker's or ours), which has an image busybox.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { run, succeed, type Output } from "../support/command.ts";
import { builtProgram, stockClient } from "../support/tools.ts";

const host = process.env["PEER_HOST"] ?? "";
/** 28.2 speaks 1.50 at most; what 1.51 counts anew would differ. */
const env = { DOCKER_HOST: host, DOCKER_API_VERSION: "1.50" };
const token = `fmt${crypto.getRandomValues(new Uint8Array(3)).toHex()}`;
const running = `${token}-running`;
const created = `${token}-created`;

/** What a command line shows by each of these templates, on top of the default. */
const lists: readonly (readonly [command: readonly string[], templates: readonly string[]])[] = [
  [
    ["ps", "-a", "--filter", `name=${token}`],
    [
      "table",
      "raw",
      "json",
      "{{json .}}",
      "{{.Names}}\\t{{.Image}}",
      "table {{.Names}}\\t{{.Status}}\\t{{.Size}}",
      'table {{.ID}}\\t{{.Label "a"}}\\t{{.Platform}}\\t{{.Mounts}}\\t{{.Networks}}',
      "table {{upper .Names}}\\t{{json .Ports}}",
      '{{if eq .State "running"}}up{{else}}down{{end}} {{.LocalVolumes}}',
      '{{range split .Names "-"}}[{{.}}]{{end}}',
      "{{.Foo}}",
      "{{.Label}}",
      "{{.ID",
      "{{nope}}",
    ],
  ],
  [
    ["ps", "-aq", "--filter", `name=${token}`],
    ["raw", "{{.Names}}", "table {{.Names}}", "json"],
  ],
  [
    ["ps", "-as", "--no-trunc", "--filter", `name=${token}`],
    ["raw", "table {{.Names}}", "{{.Size}}"],
  ],
  [
    ["images", "busybox"],
    ["raw", "json", "{{json .}}", "{{.Repository}}:{{.Tag}} {{.Size}}", "table {{.ID}}\\t{{.Digest}}", "{{.Foo}}", "{{"],
  ],
  [
    ["images", "-q", "busybox"],
    ["raw", "{{.ID}} x", "table"],
  ],
  [
    ["images", "--digests", "--no-trunc", "busybox"],
    ["raw", "table {{.ID}}", "json"],
  ],
  [
    ["version"],
    ["{{json .Server}}", "{{.Server.Version}}", "{{range .Server.Components}}{{.Name}} {{end}}", "{{.Foo}}", "{{.Server.Foo}}", "{{"],
  ],
  [
    ["info"],
    [
      "{{.ID}}",
      "{{.Driver}} {{.DriverStatus}} {{.CgroupDriver}}",
      "{{json .Swarm}} {{json .Plugins}} {{json .RegistryConfig}}",
      "{{.SecurityOptions}} {{.NCPU}} {{.MemTotal}}",
      "{{range $name, $_ := .Runtimes}}{{$name}} {{end}}",
      "{{.ClientInfo.Context}}",
      "{{.Foo.Bar}}",
      "{{",
    ],
  ],
  [
    ["events", "--since", "1s", "--until", "0s", "--filter", "container=nope"],
    ["json", "{{.ID}}", "{{.Foo}}", "{{"],
  ],
  [
    ["inspect", running, "nope", created],
    [
      "json",
      "{{.Name}} {{.State.Status}} {{.State.Running}}",
      "{{.Id}} {{.ID}}",
      "{{json .State.Status}} {{json .Config}}",
      "{{json .HostConfig}}",
      "{{.Config.Env}} {{.Config.Cmd}} {{.Config.Labels}} {{.HostConfig.NetworkMode}}",
      '{{index .Config.Labels "a"}}|{{.Config.Labels.nope}}',
      "{{range $name, $net := .NetworkSettings.Networks}}{{$name}} {{$net.IPPrefixLen}} {{end}}",
      "{{range .Mounts}}{{.Source}}{{else}}no mounts{{end}}",
      "{{.NetworkSettings.Ports}} {{.HostConfig.PortBindings}}",
      "{{.HostConfig.RestartPolicy}} {{.HostConfig.LogConfig.Type}} {{.HostConfig.ShmSize}} {{.HostConfig.Ulimits}}",
      "{{.Foo}}",
      "{{.State.Foo}}",
      "{{.SizeRw}}",
      "{{.ExecIDs}} {{.GraphDriver}}",
      '{{join .Config.Cmd "|"}} {{upper .Name}}',
      "{{.Name",
    ],
  ],
  [
    ["inspect", "-s", running],
    ["{{ge .SizeRootFs 1}}", "{{json .SizeRw}}"],
  ],
  [
    ["inspect", "--type", "image", "busybox", running],
    ["{{.RepoTags}} {{.Os}}/{{.Architecture}}", "{{json .RootFS}}", "{{.Foo}}"],
  ],
  [
    ["inspect", "--type", "container", "nope"],
    ["{{.Id}}", "json"],
  ],
  [
    ["image", "inspect", "busybox", "nope"],
    ["json", "{{.Id}} {{.Size}} {{.RepoDigests}}", "{{json .Config}}", "{{.Config}}", "{{.Metadata.LastTagTime}}", "{{.GraphDriver}}"],
  ],
  [
    ["container", "inspect", "nope", created],
    ["{{.Path}} {{.Args}}", "json"],
  ],
  [
    ["context", "ls"],
    ["json", "{{.Name}} {{.Current}}", "table {{.Name}}\\t{{.DockerEndpoint}}", "{{.Foo}}"],
  ],
  [
    ["context", "inspect"],
    ["json", "{{.Name}} {{.Endpoints}}", "{{.Endpoints.docker.Host}}", "{{.Foo}}"],
  ],
];

const lines = lists.flatMap(([command, templates]) => templates.map((template) => [...command, "--format", template]));

function settled({ code, stdout, stderr }: Output): Output {
  const settle = (text: string): string =>
    text
      .replaceAll(/(?:About an?|Less than a|\d+) (?:second|minute|hour|day|week|month)s?/g, "<time>")
      .replaceAll(/0xc[0-9a-f]{9}/g, "<address>")
      .replaceAll(/ {2,}/g, "  ");
  return { code, stdout: settle(stdout), stderr: settle(stderr) };
}

describe.skipIf(host === "")("formats of our command line and of the stock client: PEER_HOST names a daemon", () => {
  beforeAll(async () => {
    const options = ["--name", running, "-l", "a=b", "-e", "A=1", "--expose", "99", "--ulimit", "nofile=64:64"];
    await succeed([stockClient(), "run", "-d", ...options, "busybox", "sleep", "600"], { env });
    await succeed([stockClient(), "create", "--name", created, "-v", "/tmp:/t:ro", "-p", "18080:8080", "busybox", "echo", "<a> & b"], {
      env,
    });
  });

  afterAll(async () => {
    await succeed([stockClient(), "rm", "-f", running, created], { env });
  });

  test("there are enough of them", () => {
    expect(lines.length).toBeGreaterThanOrEqual(80);
  });

  test.each(lines)("say the same to: %s %s %s %s %s %s %s", async (...args) => {
    const ours = await run([builtProgram("docker"), ...args], { env });
    expect(settled(ours)).toEqual(settled(await run([stockClient(), ...args], { env })));
  });
});
