import type { RegistryLogin } from "#image";
import { bindContainerVerbs } from "./containers/bind.ts";
import type { ContainerNeeds } from "./containers/needs.ts";
import { ExecSessions } from "./exec/exec-sessions.ts";
import { bindExecVerbs } from "./exec/verbs.ts";
import { probeByExec } from "./health/probe-by-exec.ts";
import type { NetworkDefaults } from "./networks/create.ts";
import { bindNetworkVerbs } from "./networks/verbs.ts";
import { diskUsage } from "./system/disk-usage.ts";
import { describeEngine, type ChangingFacts, type FixedFacts } from "./system/info.ts";
import type { EventHub } from "./system/event-hub.ts";
import type { LostRows } from "./system/lost-rows.ts";
import type { Images } from "./images/images.ts";
import type { Verbs } from "./verbs.ts";
import { bindVolumeVerbs } from "./volumes/bind.ts";

interface Parts {
  readonly containers: ContainerNeeds;
  readonly images: Images;
  /** Has the state database read itself. */
  readonly database: { check(): Promise<readonly string[]> };
  readonly lost: LostRows;
  readonly networkDefaults: NetworkDefaults;
  readonly registry: RegistryLogin;
  readonly events: EventHub;
  readonly facts: FixedFacts;
  settings(): ChangingFacts;
  countDescriptors(): number;
}

/** All verbs over one set of adapters. */
export function bindVerbs(parts: Parts): Verbs {
  const { containers, database, events, facts } = parts;
  const images = parts.images.verbs;
  const sessions = new ExecSessions();
  const volumes = bindVolumeVerbs(containers);
  const bound = bindContainerVerbs({ ...containers, layerDriver: facts.layerDriver, execIds: (id) => sessions.idsOf(id) });
  const exec = bindExecVerbs({ ...containers, sessions });
  containers.health.begin(containers, (id, command) => probeByExec({ exec, sessions }, id, command));
  return {
    containers: bound,
    exec,
    images,
    networks: bindNetworkVerbs({ ...containers, networkDefaults: parts.networkDefaults }),
    volumes,
    system: {
      info: () =>
        describeEngine({
          roster: containers.roster,
          events,
          facts,
          lost: parts.lost,
          settings: () => parts.settings(),
          countImages: () => images.list({}).length,
          countDescriptors: () => parts.countDescriptors(),
        }),
      check: async (asked) => {
        const lost = parts.lost.all();
        if (asked.heal) await parts.lost.forget();
        return { ...(await parts.images.check(asked)), database: await database.check(), lost };
      },
      login: (credentials, signal) => parts.registry.login(credentials, { signal }),
      diskUsage: (query) => diskUsage({ containers: bound, images, volumes, layers: containers.layers }, query),
      events: (span, signal) => events.listen(span, signal),
    },
  };
}
