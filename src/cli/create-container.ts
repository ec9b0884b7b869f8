import { parseReference } from "#image";
import { DaemonError } from "#client";
import type { Invocation } from "./command.ts";
import type { ContainerConfig } from "./container-config.ts";
import type { FlagValues } from "./flag.ts";
import { refuseContentTrust } from "./content-trust.ts";
import { chosenPlatform, knownPlatform } from "./platform-flag.ts";
import { pullImage, splitPullReference } from "./pull-image.ts";

/** What the daemon says of an image that is not here, or not for the platform. */
const imageIsMissing = /^No such image:|^image with reference .* was found but does not provide/;

/** @throws Error in Docker's words */
export function checkPullPolicy(flags: FlagValues): void {
  const policy = flags.text("pull");
  if (["always", "missing", "never"].includes(policy)) return;
  throw new Error(`invalid pull option: '${policy}': must be one of "always", "missing" or "never"`);
}

/**
 * Creates a container, pulling its image as --pull says; warnings and the pull's progress go to stderr. Resolves with the id.
 * @throws EngineError for an image name that is none
 */
export async function createContainer(invocation: Invocation, config: ContainerConfig): Promise<string> {
  const { flags, client, stderr } = invocation;
  refuseContentTrust(flags, process.env);
  if (config["Gantry"] !== undefined) await (await import("./needs-gantry.ts")).needsGantry(client, "-v with owner=");
  checkPullPolicy(flags);
  const policy = flags.text("pull");
  if (!/^(?:sha256:)?[0-9a-f]{64}$/.test(config.Image)) parseReference(config.Image);
  const idPath = flags.text("cidfile");
  using idFile = idPath === "" ? undefined : new (await import("./id-file.ts")).IdFile(idPath);
  const offered = flags.bool("use-api-socket") ? await (await import("./api-socket.ts")).offerApiSocket(invocation, config) : undefined;
  const name = flags.text("name");
  const wanted = knownPlatform(chosenPlatform(flags));
  const platform = wanted === "" ? {} : { platform: wanted };
  const create = async (): Promise<string> => {
    const reply = await client.containers.create(offered?.config ?? config, { ...(name !== "" && { name }), ...platform });
    idFile?.write(reply.Id);
    await offered?.bringLogins(reply.Id);
    for (const warning of reply.Warnings ?? []) stderr.print(`WARNING: ${warning}\n`);
    return reply.Id;
  };
  const pull = (): Promise<unknown> => pullImage(invocation, config.Image, { quiet: flags.bool("quiet"), output: stderr, ...platform });
  if (policy === "always") await pull();
  try {
    return await create();
  } catch (error) {
    const absent = error instanceof DaemonError && error.status === 404 && imageIsMissing.test(error.message);
    if (!absent || policy !== "missing") throw error;
    if (!flags.bool("quiet")) stderr.print(`Unable to find image '${splitPullReference(config.Image).familiar}' locally\n`);
    await pull();
    return await create();
  }
}
