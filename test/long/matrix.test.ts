// The matrix live: the same 200 command lines on a Docker 28.5 of its own and on ours, at the same time on the same machine; nothing is
// left out that another machine would show otherwise.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { dirname, join } from "node:path";
import { startDockerPeer } from "../../scripts/peers/docker-peer.ts";
import { dockerSide } from "../../scripts/peers/docker-side.ts";
import { lineOf, matrixCases } from "../matrix/cases.ts";
import { explain } from "../matrix/differences.ts";
import { compareFacts, type Facts } from "../matrix/facts.ts";
import { observeAll } from "../matrix/observe.ts";
import { furnish } from "../matrix/side.ts";
import { startDaemon } from "../support/daemon.ts";
import { builtProgram, toolPath } from "../support/tools.ts";

setDefaultTimeout(900_000);

const cases = matrixCases();
const held = new AsyncDisposableStack();
let docker: ReadonlyMap<string, Facts>;
let ours: ReadonlyMap<string, Facts>;

beforeAll(async () => {
  const peer = held.use(await startDockerPeer("docker28c"));
  const folder = dirname(peer.socket);
  const place = { socket: peer.socket, pidFile: join(folder, "engine.pid"), work: join(folder, "matrix-work") };
  const theirs = held.use(await dockerSide(place));
  await furnish(theirs);
  docker = await observeAll(theirs, cases);
  const daemon = held.use(await startDaemon({ enclosed: true, config: { "init-path": toolPath("tini-static") } }));
  const { socket, execRoot, pidFile, token } = daemon.place;
  const side = { client: builtProgram("docker"), socket, pidFile, work: join(execRoot, "matrix-work"), token };
  await furnish(side);
  ours = await observeAll(side, cases);
});
afterAll(() => held.disposeAsync());

test.each(cases.map((one) => [`${one.name} ${lineOf(one)}`, one] as const))("MATRIX: %s", (_, one) => {
  const sides = { docker: docker.get(one.name) ?? {}, ours: ours.get(one.name) ?? {} };
  const differences = compareFacts(sides.docker, sides.ours);
  expect(differences.filter((difference) => explain(one, difference, sides) === undefined)).toEqual([]);
});
