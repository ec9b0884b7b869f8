// Rows of the list of attacks that a runtime and its plan stand against, tried from inside real containers.
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync, chmodSync, cpSync, statSync } from "node:fs";
import { closeFd, socketPair } from "#linux";
import { collect, fileDigest, openFilesOf, readUntil, RuntimeHost, statusOf } from "../support/runtime-host.ts";

setDefaultTimeout(30_000);

const bounding = "00000000a80425fb";
const none = "0000000000000000";
const capabilityLines = "cat /proc/self/status";
const plainUser = { uid: 1000, gid: 1000, additionalGids: [], home: "/" };

function walls(name: "crun" | "runc"): void {
  describe(`a container of ${name}`, () => {
    let host: RuntimeHost;
    beforeAll(async () => {
      host = await RuntimeHost.open(name);
    });
    afterAll(() => host[Symbol.asyncDispose]());

    async function execOutput(script: string, more: Parameters<RuntimeHost["exec"]>[2] = {}): Promise<string> {
      const { container, id } = await host.idle();
      const exec = await host.exec(container, ["/bin/sh", "-c", script], more);
      await using attachment = await exec.attach();
      const { stdout } = await collect(attachment.output);
      await host.runtime.delete(id);
      return stdout;
    }

    test("A14 leaked-descriptor-as-workdir: no directory of the host is reached, and only 0 to 2 are open", async () => {
      const marker = readFileSync("/etc/hostname", "utf8");
      expect(marker).not.toBe("");
      for (const fd of [3, 4, 5, 6, 7, 8, 9, 10, 16, 32]) {
        const workingDir = `/proc/self/fd/${fd}`;
        const seen = await host.run("pwd -P; cat ../../../../etc/hostname", { workingDir }).catch((error: unknown) => {
          expect(error).toMatchObject({ fault: expect.stringMatching(/^(invalid|internal)$/) });
          return { stdout: "refused" };
        });
        expect(seen.stdout).toBe("refused");
      }
      const { container, id } = await host.idle();
      for (const workingDir of ["/proc/self/fd/3", "/proc/self/fd/7", "/proc/self/fd/9", "/proc/1/fd/5"]) {
        const refused = await host.exec(container, ["/bin/true"], { workingDir }).then(
          () => "ran",
          (error: unknown) => error,
        );
        expect(refused).toMatchObject({ fault: "invalid" });
      }
      await host.runtime.delete(id);
      const list = "for fd in /proc/self/fd/*; do [ -e $fd ] && echo ${fd##*/}; done; true";
      expect((await host.run(list)).stdout.trim().split("\n")).toEqual(["0", "1", "2"]);
      expect((await execOutput(list)).trim().split("\n")).toEqual(["0", "1", "2"]);
    });

    test("A20, H03, H04: inheritable and ambient sets are empty, a user that is not root holds nothing", async () => {
      const caps = (text: string): readonly (string | undefined)[] => {
        const status = statusOf(text);
        return [status["CapInh"], status["CapAmb"], status["CapBnd"], status["CapPrm"], status["CapEff"]];
      };
      expect(caps((await host.run(capabilityLines)).stdout)).toEqual([none, none, bounding, bounding, bounding]);
      expect(caps((await host.run(capabilityLines, {}, { user: plainUser })).stdout)).toEqual([none, none, bounding, none, none]);
      expect(caps(await execOutput(capabilityLines))).toEqual([none, none, bounding, bounding, bounding]);
      const privileged = await execOutput(capabilityLines, { privileged: true, user: plainUser });
      expect(caps(privileged).filter((_, index) => index !== 2)).toEqual([none, none, none, none]);
      const own = statusOf(readFileSync("/proc/self/status", "utf8"))["CapBnd"];
      expect(statusOf((await host.run(capabilityLines, { host: { privileged: true } })).stdout)["CapBnd"]).toBe(own ?? "");
    });

    test("B09 mask-through-dev-null: a link or folder at /dev/null in the image moves no mask", async () => {
      const before = readFileSync("/proc/sys/kernel/core_pattern", "utf8");
      for (const plant of [
        (path: string): void => symlinkSync("/proc/sys/kernel/core_pattern", path),
        (path: string): void => {
          mkdirSync(path);
        },
      ]) {
        const rootfs = `${host.folder}/planted`;
        cpSync(host.rootfs, rootfs, { recursive: true, verbatimSymlinks: true });
        plant(`${rootfs}/dev/null`);
        const script =
          "echo '|/evil' > /proc/sys/kernel/core_pattern; wc -c < /proc/keys; ls -A /sys/firmware | wc -l; stat -c %t:%T /dev/null";
        const { stdout, stderr } = await host.run(script, {}, { rootfs });
        expect(stdout).toBe("0\n0\n1:3\n");
        expect(stderr).toContain("Read-only file system");
        rmSync(rootfs, { recursive: true });
      }
      expect(readFileSync("/proc/sys/kernel/core_pattern", "utf8")).toBe(before);
    });

    test("F01 runtime-overwrite: #!/proc/self/exe and a writer of the runtime's file leave it as it was", async () => {
      const program = `/usr/bin/${name}`;
      const before = fileDigest(program);
      writeFileSync(`${host.rootfs}/bin/pwn`, "#!/proc/self/exe\n");
      chmodSync(`${host.rootfs}/bin/pwn`, 0o755);
      const { container, id } = await host.idle();
      const writer = "for try in $(seq 200); do for p in /proc/[0-9]*; do echo pwn > $p/exe; done; done 2>/dev/null; echo tried";
      const exec = await host.exec(container, ["/bin/sh", "-c", writer]);
      await using attachment = await exec.attach();
      const written = collect(attachment.output);
      for (let round = 0; round < 5; round += 1) {
        const ended = await host.exec(container, ["/bin/pwn"]).then(
          async (process) => (await process.exited).code !== 0,
          () => true,
        );
        expect(ended).toBe(true);
      }
      expect((await written).stdout).toBe("tried\n");
      await host.runtime.delete(id);
      await host.create({ command: ["/bin/pwn"] }).then(
        async ({ id: pwned }) => {
          await host.runtime.start(pwned);
          await host.runtime.delete(pwned);
        },
        () => undefined,
      );
      expect(fileDigest(program)).toBe(before);
    });

    test("F03 shim-api: the host's network shows no abstract socket of a monitor, and its own lie in a closed folder", async () => {
      const before = abstractSockets();
      const { id } = await host.idle({ host: { network: "host" } });
      const inside = await host.run("cat /proc/net/unix", { host: { network: "host" } });
      const seen = inside.stdout.split("\n").filter((line) => / @/.test(line));
      expect(seen.filter((line) => /conmon|monitor|attach/.test(line))).toEqual([]);
      expect(abstractSockets().filter((path) => !before.includes(path) && path.includes(host.folder))).toEqual([]);
      expect(statSync(`${host.options.runRoot}/monitors`).mode & 0o777).toBe(0o700);
      await host.runtime.delete(id);
    });

    test("F04: kernel facts are masked, kernel knobs are read-only", async () => {
      const files = "keys latency_stats timer_list timer_stats sched_debug kcore interrupts";
      const folders = "/proc/acpi /proc/asound /proc/scsi /sys/firmware /sys/devices/virtual/powercap";
      const script = `
        for f in ${files}; do [ -e /proc/$f ] && [ $(head -c 1 /proc/$f | wc -c) != 0 ] && echo seen $f; done
        for d in ${folders} /sys/devices/system/cpu/cpu*/thermal_throttle; do [ -d $d ] && [ -n "$(ls -A $d)" ] && echo seen $d; done
        for t in /proc/sysrq-trigger /proc/sys/kernel/hostname /proc/irq/default_smp_affinity; do (echo 1 > $t) 2>/dev/null && echo wrote $t; done
        mkdir /proc/bus/x 2>/dev/null && echo made; echo end`;
      expect((await host.run(script)).stdout).toBe("end\n");
    });

    test("F06: new namespaces, mounts and the kernel's back doors are refused", async () => {
      const script = `
        unshare -U true 2>/dev/null && echo user; unshare -m true 2>/dev/null && echo mount; unshare -n true 2>/dev/null && echo net
        mount -t tmpfs x /tmp 2>/dev/null && echo tmpfs; mount -t cgroup -o rdma x /tmp 2>/dev/null && echo cgroup
        mount -o remount,rw /sys 2>/dev/null && echo remount; umount /proc/keys 2>/dev/null && echo umount
        nsenter -t 1 -m true 2>/dev/null && echo nsenter; echo end`;
      expect((await host.run(script)).stdout).toBe("end\n");
      expect(statusOf((await host.run(capabilityLines)).stdout)["Seccomp"]).toBe("2");
    });

    test("F09 device-cgroup: of all devices of the host only the default ones open", async () => {
      const script = `
        for d in /sys/dev/char/* /sys/dev/block/*; do
          n=\${d##*/}; t=c; case $d in /sys/dev/block/*) t=b;; esac
          mknod /tmp/x $t \${n%:*} \${n#*:} && (true < /tmp/x) 2>/dev/null && echo $t $n
          rm -f /tmp/x
        done; for n in 8:0 7:0 259:0; do mknod /tmp/y b \${n%:*} \${n#*:} && (true < /tmp/y) 2>/dev/null && echo b $n; rm -f /tmp/y; done
        mknod /tmp/fuse c 10 229 && (true < /tmp/fuse) 2>/dev/null && echo fuse; echo end`;
      const opened = (await host.run(script)).stdout.trim().split("\n");
      const allowed = ["c 1:3", "c 1:5", "c 1:7", "c 1:8", "c 1:9", "c 5:0", "c 5:1", "c 5:2", "end"];
      // runc below 1.2 lets every container have the tun device, whatever the rules say.
      if (name === "runc" && Number.parseFloat(host.runtime.version) < 1.2) allowed.push("c 10:200");
      expect(opened.filter((device) => !allowed.includes(device))).toEqual([]);
      expect(opened).toEqual(expect.arrayContaining(["c 1:3", "c 1:5", "c 1:8", "c 1:9", "end"]));
    });

    test("H08: has pid, ipc, uts, mount and network namespaces of its own", async () => {
      const kinds = ["pid", "ipc", "uts", "mnt", "net"];
      const { stdout } = await host.run(`for kind in ${kinds.join(" ")}; do readlink /proc/self/ns/$kind; done`);
      const own = kinds.map((kind) => readlinkSync(`/proc/self/ns/${kind}`));
      const inside = stdout.trim().split("\n");
      expect(inside.length).toBe(kinds.length);
      expect(inside.filter((link, index) => link === own[index])).toEqual([]);
    });

    test("H12: /dev is a small tmpfs with the usual nodes, /dev/shm holds 64 MiB and runs nothing", async () => {
      const script =
        "ls /dev | sort | tr '\\n' ' '; echo; grep -E ' (/dev|/dev/shm|/dev/mqueue) ' /proc/self/mountinfo | cut -d' ' -f5,6; df -k /dev/shm | awk 'NR==2 {print $2}'";
      const [nodes, ...rest] = (await host.run(script)).stdout.trim().split("\n");
      // "core" is a link that crun makes where the host has one.
      expect(
        nodes
          ?.trim()
          .replace(/^core /, "")
          .split(" "),
      ).toEqual(["fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero"]);
      expect(rest).toEqual([
        expect.stringMatching(/^\/dev rw,nosuid/) as unknown as string,
        expect.stringMatching(/^\/dev\/(shm|mqueue) rw,nosuid,nodev,noexec/) as unknown as string,
        expect.stringMatching(/^\/dev\/(shm|mqueue) rw,nosuid,nodev,noexec/) as unknown as string,
        "65536",
      ]);
    });

    test("T08, H30: variables and descriptors of the daemon reach neither monitor nor container", async () => {
      process.env["DAEMON_MARKER"] = "leaked";
      const pairs = Array.from({ length: 100 }, () => socketPair());
      const [kept, other] = socketPair();
      try {
        const command = ["/bin/sh", "-c", "echo ready; env; exec sleep 1000"];
        const { container, id, process: init } = await host.create({ command }, { keep: [kept] });
        await using output = await init.attach();
        await host.runtime.start(id);
        await readUntil(output.output, "HOME=");
        const environment = readFileSync(`/proc/${init.monitorPid}/environ`, "utf8").split("\0").filter(Boolean);
        expect(environment.map((entry) => entry.replace(/=.*/s, "")).toSorted()).toEqual([
          "PATH",
          "TMPDIR",
          "TZ",
          "_OCI_ATTACHPIPE",
          "_OCI_STARTPIPE",
          "_OCI_SYNCPIPE",
        ]);
        const open = Object.values(openFilesOf(init.monitorPid));
        const kinds = open.filter((target) => !/^(socket|pipe|anon_inode):|^\/dev\/null$/.test(target));
        const allowed = [
          host.options.runRoot,
          host.logPath(id),
          "/sys/fs/cgroup/",
          "/memory.oom_control",
          "/cgroup.event_control",
          "/dev/log",
        ];
        expect(kinds.filter((target) => !allowed.some((path) => target.includes(path)))).toEqual([]);
        expect(open.filter((target) => target.startsWith("socket:")).length).toBeLessThanOrEqual(8);
        expect(readFileSync(`/proc/${init.pid}/environ`, "utf8")).not.toContain("leaked");
        expect(Object.keys(openFilesOf(init.pid))).toEqual(["0", "1", "2"]);
        const exec = await host.exec(container, command);
        await using attachment = await exec.attach();
        expect(await readUntil(attachment.output, "HOME=")).not.toContain("DAEMON_MARKER");
        expect(Object.keys(openFilesOf(exec.pid))).toEqual(["0", "1", "2"]);
        await host.runtime.delete(id);
      } finally {
        for (const fd of [...pairs.flat(), kept, other]) closeFd(fd);
        delete process.env["DAEMON_MARKER"];
      }
    });
  });
}

function abstractSockets(): readonly string[] {
  return readFileSync("/proc/net/unix", "utf8")
    .split("\n")
    .flatMap((line) => / (@.*)$/.exec(line)?.[1] ?? []);
}

walls("crun");
walls("runc");
