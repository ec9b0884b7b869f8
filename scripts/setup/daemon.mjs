// The one daemon of this machine, or another place when its flags say so.
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, readlinkSync } from "node:fs";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { giveUp, root, wholePath } from "./programs.mjs";

export const executable = join(root, "dist/gantry");

/** Socket, pid file and log that belong to the daemon's flags. */
export function placeOf(flags) {
  const value = (name) => {
    const at = flags.findIndex((flag) => flag === name || flag.startsWith(`${name}=`));
    if (at < 0) return undefined;
    return flags[at].includes("=") ? flags[at].slice(flags[at].indexOf("=") + 1) : flags[at + 1];
  };
  const execRoot = value("--exec-root") ?? "/run/gantry";
  const dataRoot = value("--data-root") ?? "/var/lib/gantry";
  return {
    socket: (value("-H") ?? value("--host") ?? `unix://${execRoot}/gantry.sock`).replace(/^unix:\/\//, ""),
    pidFile: value("--pidfile") ?? `${execRoot}/gantryd.pid`,
    log: join(dirname(dataRoot), "log", "gantry.log"),
    dataRoot,
  };
}

/** One request to the daemon. `body` may be a stream. Rejects when nobody listens. */
export function ask(place, { method = "GET", path, body, headers = {} }) {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: place.socket, method, path, headers }, (reply) => {
      const chunks = [];
      reply.on("data", (chunk) => chunks.push(chunk));
      reply.on("end", () => resolve({ status: reply.statusCode, text: Buffer.concat(chunks).toString("utf8") }));
      reply.on("error", reject);
    });
    call.on("error", reject);
    if (body === undefined) call.end();
    else body.pipe(call);
  });
}

async function answers(place) {
  try {
    return (await ask(place, { path: "/_ping" })).status === 200;
  } catch {
    return false;
  }
}

/** The pid in the pid file when it is that of a daemon from this folder, else undefined. */
export function runningPid(place) {
  let pid;
  try {
    pid = Number(readFileSync(place.pidFile, "utf8"));
    const program = readlinkSync(`/proc/${pid}/exe`);
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const ours = program.replace(" (deleted)", "") === executable || words.includes(join(root, "src/main.ts"));
    return ours ? { pid, outdated: program.endsWith(" (deleted)") } : undefined;
  } catch {
    return undefined;
  }
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function within(seconds, condition) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    if (await condition()) return true;
    await pause(20);
  }
  return false;
}

/** Starts the daemon unless it answers; one from an older build is replaced, its containers run on. */
export async function ensureDaemon(place, flags) {
  const running = runningPid(place);
  if (running?.outdated) await stopDaemon(place);
  else if (await answers(place)) return;
  mkdirSync(dirname(place.log), { recursive: true });
  const log = openSync(place.log, "a");
  const child = spawn(executable, ["daemon", ...flags], {
    cwd: "/",
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, PATH: wholePath },
  });
  closeSync(log);
  let ended = false;
  child.once("exit", () => (ended = true));
  child.unref();
  if (await within(30, async () => ended || (await answers(place)))) {
    if (!ended) return;
  }
  giveUp(`the daemon did not start; the end of ${place.log}:\n${readFileSync(place.log, "utf8").split("\n").slice(-12).join("\n")}`);
}

/** Ends the daemon and leaves its containers running. Gives its pid, or undefined when none of ours runs. */
export async function stopDaemon(place) {
  const running = runningPid(place);
  if (running === undefined) return undefined;
  process.kill(running.pid, "SIGTERM");
  const gone = await within(30, () => runningPid(place)?.pid !== running.pid);
  if (!gone) giveUp(`the daemon (pid ${running.pid}) did not end within 30 s`);
  return running.pid;
}
