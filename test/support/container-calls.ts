// The few calls about containers that tests of the daemon make, straight over its socket: quicker than a client's process each.
import type { TestDaemon } from "./daemon.ts";

export interface ContainerBody {
  readonly Image?: string;
  readonly Cmd?: readonly string[];
  readonly Tty?: boolean;
  readonly OpenStdin?: boolean;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly HostConfig?: Readonly<Record<string, unknown>>;
}

export interface InspectedContainer {
  readonly Id: string;
  readonly Name: string;
  readonly State: { readonly Status: string; readonly Running: boolean; readonly Pid: number; readonly ExitCode: number };
}

/** @throws with the daemon's answer unless it is one of success */
export async function call(daemon: TestDaemon, path: string, init: RequestInit = {}): Promise<Response> {
  const reply = await daemon.request(path, init);
  if (!reply.ok) throw new Error(`${init.method ?? "GET"} ${path}: ${reply.status} ${await reply.text()}`);
  return reply;
}

/** Creates a container of busybox; gives its id. */
export async function create(daemon: TestDaemon, body: ContainerBody, name = ""): Promise<string> {
  const reply = await call(daemon, `/containers/create${name === "" ? "" : `?name=${name}`}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ Image: "busybox", ...body }),
  });
  return ((await reply.json()) as { readonly Id: string }).Id;
}

export async function start(daemon: TestDaemon, id: string): Promise<void> {
  await (await call(daemon, `/containers/${id}/start`, { method: "POST" })).body?.cancel();
}

/** Creates and starts; gives the id. */
export async function startNew(daemon: TestDaemon, body: ContainerBody, name = ""): Promise<string> {
  const id = await create(daemon, body, name);
  await start(daemon, id);
  return id;
}

export async function inspect(daemon: TestDaemon, id: string): Promise<InspectedContainer> {
  return (await (await call(daemon, `/containers/${id}/json`)).json()) as InspectedContainer;
}

/** The exit code, when there is one. */
export async function wait(daemon: TestDaemon, id: string): Promise<number> {
  const reply = await call(daemon, `/containers/${id}/wait`, { method: "POST" });
  return ((await reply.json()) as { readonly StatusCode: number }).StatusCode;
}

export async function removeForced(daemon: TestDaemon, id: string): Promise<void> {
  await (await call(daemon, `/containers/${id}?force=1&v=1`, { method: "DELETE" })).body?.cancel();
}

/** Ids of all containers, of the running ones only unless told otherwise. */
export async function list(daemon: TestDaemon, all = false): Promise<string[]> {
  const rows = (await (await call(daemon, `/containers/json?all=${all ? 1 : 0}`)).json()) as readonly { readonly Id: string }[];
  return rows.map(({ Id }) => Id);
}

/** What a container without a terminal has written to stdout. */
export async function stdoutOf(daemon: TestDaemon, id: string): Promise<string> {
  const bytes = await (await call(daemon, `/containers/${id}/logs?stdout=1&follow=0`)).bytes();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = view.getUint32(at + 4);
    parts.push(bytes.subarray(at + 8, at + 8 + size));
    at += 8 + size;
  }
  return Buffer.concat(parts).toString("utf8");
}
