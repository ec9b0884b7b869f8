import { fault } from "#base";
import { updateRequest, type UpdateRequest } from "#wire";
import type { Call, Handlers } from "../call.ts";
import { restartPolicyOf } from "../restart-policy.ts";
import { readChangedResources } from "../resources.ts";

export const updateRoutes: Handlers<"containerUpdate"> = { containerUpdate: update };

/** Fields that Docker's update takes and does nothing with. */
const fixed = [
  "CgroupParent",
  "BlkioWeightDevice",
  "BlkioDeviceReadBps",
  "BlkioDeviceWriteBps",
  "BlkioDeviceReadIOps",
  "BlkioDeviceWriteIOps",
  "Devices",
  "DeviceCgroupRules",
  "DeviceRequests",
  "MemorySwappiness",
  "OomKillDisable",
  "Ulimits",
] as const satisfies readonly (keyof UpdateRequest)[];

async function update({ exchange, params, verbs }: Call<"containerUpdate">): Promise<void> {
  const document = await exchange.json(updateRequest);
  const asked = document?.value ?? updateRequest.zero;
  const { container } = verbs.containers.get(params["name"] ?? "");
  const { RestartPolicy } = asked;
  if (RestartPolicy.Name !== "" && RestartPolicy.Name !== "no" && container.spec.host.autoRemove)
    throw fault(
      "conflict",
      `Cannot update container ${container.id}: Restart policy cannot be updated because AutoRemove is enabled for the container`,
    );
  const restart = restartPolicyOf(RestartPolicy);
  const warnings = [...(document?.unknown ?? []).map((path) => `unknown field ${path} was ignored`), ...ignored(asked)];
  const change = readChangedResources(asked, warnings);
  const refusals = await verbs.containers.update(container.id, change, restart);
  const all = [...warnings, ...refusals];
  exchange.reply(200, { Warnings: all.length === 0 ? null : all });
}

function ignored(asked: UpdateRequest): readonly string[] {
  return fixed.filter((name) => isSaid(asked[name])).map((name) => `${name} cannot be updated and was ignored`);
}

function isSaid(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== "" && value !== false && value !== -1;
}
