import { images } from "./images.ts";
import { life } from "./life.ts";
import { limits } from "./limits.ts";
import { lists } from "./lists.ts";
import { mountTable } from "./mounts.ts";
import { networks } from "./networks.ts";
import { pushing } from "./push.ts";
import { streams } from "./streams.ts";
import { events, refusals, system } from "./system.ts";
import { walls } from "./walls.ts";

export const scenarios = [system, life, limits, walls, mountTable, lists, streams, images, pushing, networks, events, refusals] as const;
