// I17: more clients than the daemon has descriptors for. It waits for one to go instead of asking the kernel in circles, and keeps enough for itself.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { startNew, wait } from "../support/container-calls.ts";
import { startDaemon, type TestDaemon } from "../support/daemon.ts";
import { loadImage } from "../support/images.ts";
import { RawConnection } from "../support/memory-api.ts";
import { builtProgram } from "../support/tools.ts";
import { waitFor } from "../support/wait-for.ts";

/** Clock ticks of processor time that a process has used (proc_pid_stat(5)). */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

/** Clients that say nothing; the kernel refuses those for whom nobody's queue has room. */
function idleClients(daemon: TestDaemon, count: number): Disposable {
  const sockets = Array.from({ length: count }, (): Socket => connect(daemon.place.socket).on("error", () => undefined));
  return {
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** When the number has not changed for ten looks. */
async function settledDescriptors(pid: number): Promise<number> {
  let same = 0;
  let last = 0;
  return waitFor(
    () => {
      const count = readdirSync(`/proc/${pid}/fd`).length;
      same = count === last ? same + 1 : 0;
      last = count;
      return same === 10 && count;
    },
    { what: "crowd at the door", every: 20 },
  );
}

test("I17 of 1,000 idle clients, 256 descriptors serve some, starve nobody who was there, and are all back when they leave", async () => {
  await using daemon = await startDaemon({ program: ["prlimit", "--nofile=256:256", builtProgram("gantryd")] });
  await loadImage(daemon.place.socket, "busybox");
  const id = await startNew(daemon, { Cmd: ["sh", "-c", "n=0; while true; do n=$((n+1)); echo line-$n; usleep 20000; done"] });
  await using follower = await RawConnection.open(daemon.place.socket);
  follower.send(`GET /containers/${id}/logs?stdout=1&follow=1 HTTP/1.1\r\nHost: docker\r\n\r\n`);
  await follower.until("line-1\n");
  await using resident = await RawConnection.open(daemon.place.socket);
  {
    using _crowd = idleClients(daemon, 1000);
    expect(await settledDescriptors(daemon.pid)).toBeLessThan(200);
    const before = ticksOf(daemon.pid);
    await Bun.sleep(1000);
    // A hundred ticks are one processor.
    expect(ticksOf(daemon.pid) - before).toBeLessThan(20);
    const seen = Number(/line-(\d+)\n[^\n]*$/.exec(follower.received.toString("latin1"))?.[1] ?? 0);
    await follower.until(`line-${seen + 20}\n`);
    // Who was inside is served, with all that a container's start needs.
    const body = JSON.stringify({ Image: "busybox", Cmd: ["sh", "-c", "exit 3"] });
    resident.send(
      `POST /containers/create?name=amid HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await resident.until("201 Created");
    resident.send("POST /containers/amid/start HTTP/1.1\r\nHost: docker\r\n\r\n");
    await resident.until("204 No Content");
  }
  // The dead of the crowd still stand in the queue; who comes among them may be sent away with them.
  const isBack = (): Promise<boolean> =>
    daemon.request("/_ping").then(
      (reply) => reply.ok,
      () => false,
    );
  await waitFor(isBack, { what: "answer behind the crowd", deadline: 5_000 });
  expect(await wait(daemon, "amid")).toBe(3);
  expect(await settledDescriptors(daemon.pid)).toBeLessThan(80);
}, 60_000);
