import { familiarName, formatFamiliar, formatReference, parseReference, withDefaultTag } from "#image";
import type { Invocation } from "./command.ts";
import type { Output } from "./output.ts";
import { showProgress } from "./progress-display.ts";

/** The parts of an image name that a pull and its messages need. */
export interface PullReference {
  readonly repository: string;
  /** Tag or digest. */
  readonly tag: string;
  /** "busybox:latest" */
  readonly familiar: string;
  /** "docker.io/library/busybox:latest" */
  readonly canonical: string;
  readonly defaulted: boolean;
}

/** @throws EngineError (invalid) in Docker's words */
export function splitPullReference(name: string): PullReference {
  const parsed = parseReference(name);
  const reference = withDefaultTag(parsed);
  return {
    repository: familiarName(reference),
    tag: reference.digest ?? reference.tag ?? "latest",
    familiar: formatFamiliar(reference),
    canonical: formatReference(reference),
    defaulted: parsed.tag === undefined && parsed.digest === undefined,
  };
}

/** Pulls an image, or with `all` every tag of its repository, and shows its progress on `output`; quiet shows nothing. */
export async function pullImage(
  invocation: Pick<Invocation, "client" | "config" | "stderr">,
  name: string,
  options: { readonly quiet: boolean; readonly output: Output; readonly platform?: string; readonly all?: boolean },
): Promise<PullReference> {
  const reference = splitPullReference(name);
  const { platform, quiet, output, all = false } = options;
  const { authForImage } = await import("./login/image-auth.ts");
  const auth = await authForImage(name, invocation);
  const request = {
    repository: reference.repository,
    ...(!all && { tag: reference.tag }),
    ...(platform !== undefined && { platform }),
    ...(auth !== undefined && { auth }),
  };
  const lines = await invocation.client.images.pull(request);
  await showProgress(lines, quiet ? undefined : output);
  return reference;
}
