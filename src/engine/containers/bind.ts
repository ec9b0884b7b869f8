import { PruneTurn } from "../prune.ts";
import type { ContainerVerbs } from "../verbs.ts";
import { attachContainer, readLogs, resizeContainer } from "./attach.ts";
import { commitContainer } from "./commit.ts";
import { createContainer } from "./create.ts";
import { exportTree, listChanges, lookAtPath, readPath, writePath } from "./files.ts";
import { killContainer } from "./kill.ts";
import { listContainers, viewContainer } from "./list.ts";
import type { ContainerNeeds } from "./needs.ts";
import { pauseContainer, unpauseContainer } from "./pause.ts";
import { Readings, readUsage } from "./readings.ts";
import { pruneContainers } from "./prune.ts";
import { removeContainer } from "./remove.ts";
import { renameContainer } from "./rename.ts";
import { startContainer } from "./start.ts";
import { restartContainer, stopContainer } from "./stop.ts";
import { SizeMeter } from "./sizes.ts";
import { listProcesses } from "./top.ts";
import { updateContainer } from "./update.ts";
import { waitForContainer } from "./wait.ts";

interface ViewFacts {
  readonly layerDriver: string;
  execIds(containerId: string): readonly string[];
}

/** The verbs, bound to this machine's adapters. */
export function bindContainerVerbs(needs: ContainerNeeds & ViewFacts): ContainerVerbs {
  const meter = new SizeMeter(needs);
  const readings = new Readings(needs);
  const pruning = new PruneTurn();
  return {
    create: (request) => createContainer(needs, request),
    get: (reference) => viewContainer(needs, needs.roster.find(reference)),
    list: (query) => listContainers(needs, query),
    sizes: (ids) => meter.measure(ids),
    start: (reference) => startContainer(needs, reference),
    stop: (reference, options) => stopContainer(needs, reference, options),
    restart: (reference, options) => restartContainer(needs, reference, options),
    kill: (reference, signal) => killContainer(needs, reference, signal),
    pause: (reference) => pauseContainer(needs, reference),
    unpause: (reference) => unpauseContainer(needs, reference),
    top: (reference, psArguments) => listProcesses(needs, reference, psArguments),
    usage: (reference) => readUsage(needs, reference),
    readings: (reference, signal) => readings.follow(needs.roster.find(reference).id, signal),
    wait: (reference, condition, signal) => waitForContainer(needs, reference, { condition, signal }),
    rename: (reference, name) => renameContainer(needs, reference, name),
    update: (reference, change, restart) => updateContainer(needs, reference, { change, restart }),
    remove: (reference, options) => removeContainer(needs, reference, options),
    prune: (filters) => pruning.run(() => pruneContainers({ ...needs, sizes: meter }, filters)),
    logs: (reference, query, signal) => readLogs(needs, reference, { query, signal }),
    commit: (reference, request) => commitContainer(needs, reference, request),
    attach: (reference) => attachContainer(needs, reference),
    lookAt: (reference, path) => lookAtPath(needs, reference, path),
    read: (reference, path) => readPath(needs, reference, path),
    write: (reference, target) => writePath(needs, reference, target),
    export: (reference) => exportTree(needs, reference),
    changes: (reference) => listChanges(needs, reference),
    resize: (reference, size) => resizeContainer(needs, reference, size),
  };
}
