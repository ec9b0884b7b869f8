// Plays the matrix on a real Docker anew: bun run record:matrix [SOCKET PIDFILE]. Without them it starts a Docker of its own; one that is
// given must be empty. Its client is the one of the same Debian.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { matrixCases } from "../test/matrix/cases.ts";
import { observeAll } from "../test/matrix/observe.ts";
import { record, recordingPath } from "../test/matrix/recording.ts";
import { furnish } from "../test/matrix/side.ts";
import { run } from "./images/run.ts";
import { dockerSide } from "./peers/docker-side.ts";
import { startDockerPeer } from "./peers/docker-peer.ts";

async function recordMatrix(socket: string, pidFile: string): Promise<void> {
  await using side = await dockerSide({ socket, pidFile, work: join(dirname(socket), "matrix-work") });
  await furnish(side);
  const cases = matrixCases();
  const seen = await observeAll(side, cases);
  const recording = record(side.engine, cases, seen);
  await Bun.write(recordingPath, `${JSON.stringify(recording, undefined, 1)}\n`);
  console.log(`${cases.length} cases of Docker ${side.engine}`);
}

const [socket, pidFile] = process.argv.slice(2);
if (socket !== undefined && pidFile !== undefined && existsSync(pidFile)) {
  await recordMatrix(socket, pidFile);
} else {
  await using peer = await startDockerPeer("docker28c");
  await recordMatrix(peer.socket, join(dirname(peer.socket), "engine.pid"));
}
await run(["node_modules/.bin/oxfmt", "test/fixtures/matrix"], { cwd: join(import.meta.dir, "..") });
