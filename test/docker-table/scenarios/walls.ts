import { newest, type Scenario, type Step } from "../scenario.ts";

/** What a process sees of its walls, in words that do not hang on the machine. */
const look = [
  "grep -E '^(Uid|Gid|Groups|CapInh|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status",
  "for bit in CapPrm CapEff CapBnd; do grep ^$bit /proc/self/status | cut -c 1-14,19-; done",
  "echo keys $(head -c 1 /proc/keys | wc -c)",
  "(echo walls > /proc/sys/kernel/domainname) 2>/dev/null && echo parameters are open",
  "(echo 1 > /proc/irq/0/smp_affinity) 2>&1 | grep -o 'Read-only file system'",
  "mkdir /x 2>&1; cat /proc/self/oom_score_adj /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced /proc/sys/fs/mqueue/msg_max",
].join("; ");

const profile = JSON.stringify({
  defaultAction: "SCMP_ACT_ALLOW",
  syscalls: [{ names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 38, excludes: { caps: ["CAP_SYS_TIME"] } }],
});

/** A container's whole life with one option: what is answered, what inspect tells, what a process sees. */
function tried(title: string, host: object, config: object = {}): readonly Step[] {
  return [
    {
      title: `create: ${title}`,
      ask: "POST /containers/create?name=walls",
      body: { Image: "busybox", Cmd: ["sh", "-c", look], ...config, HostConfig: host },
    },
    { title: `inspect: ${title}`, ask: "GET /containers/walls/json" },
    { title: `start: ${title}`, ask: "POST /containers/walls/start" },
    { title: `wait: ${title}`, ask: "POST /containers/walls/wait", unheld: true },
    { title: `seen: ${title}`, ask: "GET /containers/walls/logs?stdout=1", reads: "log" },
    { title: `remove: ${title}`, ask: "DELETE /containers/walls?force=1", unheld: true },
  ];
}

const refused = (title: string, HostConfig: object): Step => ({
  title: `create with ${title}`,
  ask: "POST /containers/create?name=walls-refused",
  body: { Image: "busybox", Cmd: ["true"], HostConfig },
});

export const walls: Scenario = {
  name: "walls",
  versions: newest,
  steps: [
    ...tried("nothing asked", {}),
    ...tried("capabilities", { CapAdd: ["sys_time", "CAP_NET_ADMIN", "net_admin"], CapDrop: ["mknod"] }),
    ...tried("all capabilities but one", { CapAdd: ["ALL"], CapDrop: ["chown"] }),
    ...tried("no capability but one", { CapAdd: ["CHOWN"], CapDrop: ["ALL"] }),
    ...tried("privileged", { Privileged: true }),
    ...tried("privileged, filtered and masked", { Privileged: true, SecurityOpt: [`seccomp=${profile}`], MaskedPaths: ["/proc/keys"] }),
    ...tried("no new privileges", { SecurityOpt: ["no-new-privileges"] }),
    ...tried("no new privileges: not", { SecurityOpt: ["no-new-privileges:true", "no-new-privileges=false"] }),
    ...tried("no filter", { SecurityOpt: ["seccomp=unconfined"] }),
    ...tried("the usual filter", { SecurityOpt: ["seccomp=builtin"] }),
    ...tried("a filter", { SecurityOpt: [`seccomp=${profile}`] }),
    ...tried("a filter that goes by capabilities", { SecurityOpt: [`seccomp=${profile}`], CapAdd: ["SYS_TIME"] }),
    ...tried("labels and profiles", { SecurityOpt: ["apparmor=unconfined", "label=disable"] }),
    ...tried("open paths", { MaskedPaths: [], ReadonlyPaths: [] }),
    ...tried("paths", { MaskedPaths: ["/proc/keys"], ReadonlyPaths: ["/proc/irq"] }),
    ...tried("a read-only root", { ReadonlyRootfs: true }),
    ...tried("parameters", { Sysctls: { "net.ipv4.ip_forward": "0", "kernel.shm_rmid_forced": "1", "fs.mqueue.msg_max": "11" } }),
    ...tried("groups", { GroupAdd: ["7", "4242"] }),
    ...tried("a user", { GroupAdd: ["7"] }, { User: "1000:2000" }),
    ...tried("a user by name", {}, { User: "nobody" }),
    ...tried("a user with capabilities", { CapAdd: ["NET_ADMIN"] }, { User: "5" }),
    ...tried("annotations", { Annotations: { "b.c": "d", "a.b": "" } }),
    ...tried("host's users", { UsernsMode: "host", Isolation: "default", OomScoreAdj: 500 }),
    refused("a capability that is none", { CapAdd: ["FOO"] }),
    refused("a capability dropped that is none", { CapDrop: ["cap_foo"] }),
    refused("a capability that is none, though privileged", { Privileged: true, CapAdd: ["FOO"] }),
    refused("an empty option", { SecurityOpt: [""] }),
    refused("an option that is none", { SecurityOpt: ["foo=bar"] }),
    refused("privileges that are no truth", { SecurityOpt: ["no-new-privileges=x"] }),
    refused("system paths, which are the client's", { SecurityOpt: ["systempaths=unconfined"] }),
    refused("an annotation without a name", { Annotations: { "": "c" } }),
    refused("another isolation", { Isolation: "hyperv" }),
    refused("a parameter of an interface", { Sysctls: { "net.ipv4.conf.eth0.log_martians": "1" } }),
    refused("a runtime by its path", { Runtime: "/opt/evil" }),
    refused("a runtime that is none", { Runtime: "foo" }),
  ],
};
