import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { defaultSocket } from "./host.ts";
import { ExitError } from "./usage-error.ts";

/** How long a started daemon may take until it answers, in milliseconds. */
const patience = 10_000;

/** Where the daemon's log goes, and the lock that lets one of several command lines start it. */
export interface AutostartPlace {
  readonly socket: string;
  readonly log: string;
  readonly lock: string;
}

const defaultPlace: AutostartPlace = {
  socket: defaultSocket,
  log: join(dirname(defaultSocket), "gantryd.log"),
  lock: join(dirname(defaultSocket), "autostart.lock"),
};

/**
 * Starts this executable as the daemon, outside the caller's session and control group, and resolves when its socket takes connections.
 * When another command line is starting it already, only waits.
 * @throws ExitError when it does not answer within ten seconds, or ends before
 */
export async function autostartDaemon(place: AutostartPlace = defaultPlace): Promise<void> {
  mkdirSync(dirname(place.lock), { recursive: true, mode: 0o755 });
  using lock = takeLock(place.lock);
  const child = lock.taken ? await startDaemon(place) : undefined;
  for (const end = Date.now() + patience; Date.now() < end; await Bun.sleep(5)) {
    if (await answers(place.socket)) return;
    const code = child?.exitCode();
    if (code !== undefined) throw new ExitError(1, `the gantry daemon ended with code ${code} while it started, see ${place.log}`);
  }
  throw new ExitError(1, `the gantry daemon did not answer at unix://${place.socket} within ${patience / 1000} seconds, see ${place.log}`);
}

interface Lock extends Disposable {
  readonly taken: boolean;
}

/** A file with our pid, made only if it is not there. One whose maker is dead is taken over. */
function takeLock(path: string): Lock {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const descriptor = openSync(path, "wx", 0o600);
      writeSync(descriptor, `${process.pid}\n`);
      closeSync(descriptor);
      return { taken: true, [Symbol.dispose]: () => rmSync(path, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error) || error.code !== "EEXIST") throw error;
    }
    if (makerLives(path)) break;
    rmSync(path, { force: true });
  }
  return { taken: false, [Symbol.dispose]: () => undefined };
}

function makerLives(path: string): boolean {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    // Empty: its maker is between creating and writing it.
    return pid === 0 || process.kill(pid, 0);
  } catch {
    return false; // no such file or no such process
  }
}

interface StartedDaemon {
  exitCode(): number | undefined;
}

/** As a service where systemd runs, so that the end of the caller's session does not end it; else, or where systemd refuses, in a session of its own. */
async function startDaemon(place: AutostartPlace): Promise<StartedDaemon> {
  if (existsSync("/run/systemd/system") && (await startAsService(place.log))) return { exitCode: () => undefined };
  return startInOwnSession(place.log);
}

async function startAsService(log: string): Promise<boolean> {
  const [command = "", ...args] = serviceCommand(log, daemonCommand());
  const child = spawn(command, args, { cwd: "/", stdio: "ignore" });
  return new Promise((resolve) => {
    child.on("exit", (code) => resolve(code === 0));
    child.on("error", () => resolve(false));
  });
}

/** systemd-run(1) with what dockerd's own unit says: no limits, and a stop that ends the daemon alone. */
export function serviceCommand(log: string, daemon: readonly string[]): readonly string[] {
  const properties = [
    "Type=exec",
    "KillMode=process",
    "LimitNOFILE=infinity",
    "LimitNPROC=infinity",
    "LimitCORE=infinity",
    "TasksMax=infinity",
    "OOMScoreAdjust=-500",
    `StandardOutput=append:${log}`,
    `StandardError=append:${log}`,
  ];
  const description = "--description=Gantry, started by its command line";
  return ["systemd-run", "--quiet", "--collect", description, ...properties.map((property) => `--property=${property}`), "--", ...daemon];
}

/** There the daemon leaves the caller's control group by itself. */
function startInOwnSession(path: string): StartedDaemon {
  const log = openSync(path, "a", 0o640);
  const [command, ...args] = daemonCommand();
  const child = spawn(command, args, { cwd: "/", detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  child.unref();
  let code: number | undefined;
  child.on("exit", (exit) => (code = exit ?? 255));
  child.on("error", () => (code = 255));
  return { exitCode: () => code };
}

/** This program as the daemon: the executable itself, or from source Bun with its entry point and without files of the working directory. */
function daemonCommand(): readonly [string, ...string[]] {
  if (Bun.main.startsWith("/$bunfs/")) return [process.execPath, "daemon"];
  return [process.execPath, "--no-env-file", "--config=/dev/null", Bun.main, "daemon"];
}

async function answers(socket: string): Promise<boolean> {
  try {
    const connection = await Bun.connect({ unix: socket, socket: { data: () => undefined } });
    connection.terminate();
    return true;
  } catch {
    return false; // not there yet
  }
}
