import { DaemonError, type DockerCalls, encodeRegistryAuth, type ProgressLine } from "#client";

export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
  /** The registry's name; needed only when it is not that of the image. */
  readonly serverAddress?: string;
}

export interface PullOptions {
  readonly platform?: string;
  readonly auth?: RegistryAuth;
  readonly signal?: AbortSignal;
}

/** One step of one layer, or of the whole where `id` is absent. Bytes where the daemon counts them. */
export interface PullProgress {
  readonly id?: string;
  readonly status: string;
  readonly current?: number;
  readonly total?: number;
}

export interface PullResult {
  /** What the name pointed to, where the daemon says it. */
  readonly digest: string | undefined;
  /** False when all of it was there before. */
  readonly newer: boolean;
}

/** A pull under way: await it for its result, or iterate its progress, or both. Leaving the iteration early ends the pull. */
export type Pull = Promise<PullResult> & AsyncIterable<PullProgress>;

/** Begins in the next turn, so that whoever iterates sees every line. */
export function pullImage(calls: DockerCalls, reference: string, options: PullOptions): Pull {
  const result: { digest: string | undefined; newer: boolean } = { digest: undefined, newer: true };
  let succeed: (result: PullResult) => void;
  let fail: (error: unknown) => void;
  const done = new Promise<PullResult>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  done.catch(() => undefined); // whoever iterates sees the failure there
  const watched = async function* (): AsyncGenerator<PullProgress, void> {
    try {
      yield* stepsOf(calls, reference, { ...options, result });
      succeed(result);
    } catch (error) {
      fail(error);
      throw error;
    } finally {
      fail(new Error(`the pull of ${reference} was left before its end`)); // without effect on one that is settled
    }
  };
  const steps = watched();
  let iterated = false;
  queueMicrotask(() => {
    if (!iterated) drained(steps).catch(() => undefined); // told by `done`
  });
  return Object.assign(done, {
    [Symbol.asyncIterator]: (): AsyncGenerator<PullProgress, void> => {
      iterated = true;
      return steps;
    },
  });
}

async function drained(steps: AsyncIterable<PullProgress>): Promise<void> {
  for await (const _ of steps);
}

async function* stepsOf(
  calls: DockerCalls,
  reference: string,
  { platform, auth, result }: PullOptions & { readonly result: { digest: string | undefined; newer: boolean } },
): AsyncGenerator<PullProgress, void> {
  const request = { ...split(reference), ...(platform && { platform }), ...(auth && { auth: encodeAuth(auth) }) };
  for await (const line of await calls.images.pull(request)) {
    if (line.error !== undefined) throw new DaemonError(500, line.error);
    const status = line.status ?? "";
    const digest = /^Digest: (\S+)$/.exec(status)?.[1];
    if (digest !== undefined) result.digest = digest;
    if (status.startsWith("Status: Image is up to date")) result.newer = false;
    yield stepOf(line, status);
  }
}

function stepOf({ id, progressDetail: { current, total } = {} }: ProgressLine, status: string): PullProgress {
  return { ...(id && { id }), status, ...(current !== undefined && { current }), ...(total !== undefined && { total }) };
}

/** Repository and tag or digest, "latest" where neither is given: the daemon would pull every tag. */
function split(reference: string): { readonly repository: string; readonly tag: string } {
  const at = reference.indexOf("@");
  if (at !== -1) return { repository: reference.slice(0, at), tag: reference.slice(at + 1) };
  const colon = reference.lastIndexOf(":");
  if (colon <= reference.lastIndexOf("/")) return { repository: reference, tag: "latest" };
  return { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

function encodeAuth({ username, password, serverAddress }: RegistryAuth): string {
  return encodeRegistryAuth({ username, password, ...(serverAddress && { serveraddress: serverAddress }) });
}
