import { afterAll, beforeAll, expect, test } from "bun:test";
import { certificateFolder, type Certificate } from "../support/certificates.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { stockClient } from "../support/tools.ts";

const quarterOfAnHour = 15 * 60_000;
const certificates = certificateFolder();
let daemon: TestDaemon;
let tlsFlags: readonly string[];

beforeAll(async () => {
  const authority = await certificates.authority("authority");
  const server = await certificates.issue("server", { by: authority, names: "IP:127.0.0.1" });
  const client = await certificates.issue("client", { by: authority });
  const flagsOf = ({ certFile, keyFile }: Certificate): readonly string[] => {
    return ["--tlsverify", "--tlscacert", authority.certFile, "--tlscert", certFile, "--tlskey", keyFile];
  };
  daemon = await startDaemon({ flags: [...flagsOf(server), "-H", "tcp://127.0.0.1:0"] });
  tlsFlags = [...flagsOf(client), "-H", /tcp:\/\/[^ "]+/.exec(daemon.log)?.[0] ?? ""];
  await loadImage(daemon.place.socket, "busybox");
}, 60_000);

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  certificates[Symbol.dispose]();
}, 60_000);

/** A stock client whose stdin stays open until it is told something. */
function converse(args: readonly string[]): { say(line: string): void; readonly heard: Promise<string> } {
  const child = Bun.spawn([stockClient(), ...args], {
    env: { ...process.env, DOCKER_CONFIG: certificates.folder },
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  return {
    // Its end would end an attach to a process that keeps its own input, as Docker has it.
    say: (line) => {
      void child.stdin.write(line);
      void child.stdin.flush();
    },
    heard: child.stdout.text(),
  };
}

test("T05 streams on which nobody says anything for 15 minutes stay open, over the socket and over TLS", async () => {
  const until = String(Math.ceil((Date.now() + quarterOfAnHour) / 1000) + 5);
  const lives = await Promise.all(
    [["-H", daemon.host], tlsFlags].map(async (host, index) => {
      const name = `quiet${index}`;
      const program = ["sh", "-c", "read line; echo heard $line; exit 7"];
      expect((await daemon.docker(["run", "-d", "-i", "--name", name, "busybox", ...program])).code).toBe(0);
      return {
        attached: converse([...host, "attach", name]),
        exec: converse([...host, "exec", "-i", name, "sh", "-c", "read line; echo exec $line"]),
        logs: converse([...host, "logs", "-f", name]),
        wait: converse([...host, "wait", name]),
        events: converse([
          ...host,
          "events",
          "--filter",
          `container=${name}`,
          "--filter",
          "event=die",
          "--until",
          until,
          "--format",
          "{{.Action}}",
        ]),
      };
    }),
  );
  await Bun.sleep(quarterOfAnHour);
  for (const { exec, attached } of lives) {
    exec.say("first\n");
    expect(await exec.heard).toBe("exec first\n");
    attached.say("last\n");
    expect(await attached.heard).toBe("heard last\n");
  }
  for (const { logs, wait, events } of lives) {
    expect([await logs.heard, await wait.heard, await events.heard]).toEqual(["heard last\n", "7\n", "die\n"]);
  }
}, 1_100_000);
