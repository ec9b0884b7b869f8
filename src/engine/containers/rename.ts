import { fault } from "#base";
import { announce } from "./announce.ts";
import type { ContainerNeeds } from "./needs.ts";

/** Gives a container another name. @throws invalid, conflict with Docker's words */
export async function renameContainer(
  needs: Pick<ContainerNeeds, "roster" | "announcer">,
  reference: string,
  newName: string,
): Promise<void> {
  const name = newName.startsWith("/") ? newName.slice(1) : newName;
  if (name === "") throw fault("invalid", "Neither old nor new names may be empty");
  const container = needs.roster.find(reference);
  if (container.name === name) throw fault("invalid", "Renaming a container with the same name as its current name");
  await needs.roster.locked(container.id, async () => {
    const renamed = await needs.roster.rename(container.id, name);
    announce(needs.announcer, renamed, "rename", { oldName: `/${container.name}` });
  });
}
