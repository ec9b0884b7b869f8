import { startAgain, startEnded, unstarted } from "../containers/restart.ts";
import type { StartNeeds } from "../containers/start.ts";
import { adoptContainers, type AdoptNeeds } from "./adopt.ts";

/** What a daemon does first: takes back what runs, clears what does not, and starts what its policy has running. */
export async function resumeContainers(needs: StartNeeds & AdoptNeeds): Promise<void> {
  needs.restarts.begin((id) => needs.live.behind(startAgain(needs, id), unstarted(needs, id)));
  await adoptContainers(needs);
  startEnded(needs);
}
