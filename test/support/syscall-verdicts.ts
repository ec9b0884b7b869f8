// What an engine's default container may ask of the kernel: every number, each way in, and calls whose arguments decide.
import { dockerArchive, imageParts } from "./image-parts.ts";
import { syscallProbe, type ProbedCall } from "./syscall-probe.ts";

/** Letters of `syscallProbe`. */
export interface SyscallVerdicts {
  /** A letter for each number from 0, by the way in. */
  readonly sweeps: Readonly<Record<string, string>>;
  /** A letter for each named call. */
  readonly named: Readonly<Record<string, string>>;
}

const ways = ["native", "i386", "x32"] as const;
/** Beyond the highest number that any kernel has given out. */
const numbers = 600;
/** sync(2) asks nothing of anybody's rights, and waits for every disk of the machine. */
const untried = { native: 162, i386: 36, x32: 162 } as const;
const AF_ALG = 38;
const AF_VSOCK = 40;
const SIGCHLD = 17;

const families = [1, 2, 10, 16, AF_ALG, AF_ALG + 1, AF_VSOCK, AF_VSOCK + 1];
const namespaces = {
  none: 0,
  mount: 0x20000,
  cgroup: 0x2000000,
  uts: 0x4000000,
  ipc: 0x8000000,
  user: 0x10000000,
  pid: 0x20000000,
  net: 0x40000000,
};
const personalities = [0x0, 0x8, 0x20000, 0x20008, 0x40000, 0xffffffff];

/** By a title that a reader understands. */
export const namedCalls: Readonly<Record<string, ProbedCall>> = Object.fromEntries([
  ...families.flatMap((family): readonly (readonly [string, ProbedCall])[] => [
    [`socket ${family}`, { by: "native", number: 41, args: [family, 1, 0] }],
    [`x32 socket ${family}`, { by: "x32", number: 41, args: [family, 1, 0] }],
    [`i386 socket ${family}`, { by: "i386", number: 359, args: [family, 1, 0] }],
    [`i386 socketcall ${family}`, { by: "socketcall", family }],
  ]),
  ...Object.entries(namespaces).flatMap(([name, flag]): readonly (readonly [string, ProbedCall])[] => [
    [`clone ${name}`, { by: "native", number: 56, args: [flag | SIGCHLD, 0, 0] }],
    [`i386 clone ${name}`, { by: "i386", number: 120, args: [flag | SIGCHLD, 0, 0] }],
    [`unshare ${name}`, { by: "native", number: 272, args: [flag] }],
  ]),
  ...personalities.map((value): readonly [string, ProbedCall] => [`personality ${value}`, { by: "native", number: 135, args: [value] }]),
]);

const swept: readonly ProbedCall[] = ways.flatMap((by) =>
  Array.from({ length: numbers }, (_, number): ProbedCall => (number === untried[by] ? { by, number: 0 } : { by, number })),
);

/** Asks in a container of its own behind the socket, which nothing is left of. `host` is what the container asks for itself. */
export async function readSyscallVerdicts(socket: string, host: Readonly<Record<string, unknown>> = {}): Promise<SyscallVerdicts> {
  const program = syscallProbe([...swept, ...Object.values(namedCalls)]);
  const parts = imageParts({ docker: true, layers: [[{ name: "probe", content: program, mode: 0o755 }]], config: { Cmd: ["/probe"] } });
  const image = "gantry-syscall-probe:latest";
  await send("POST", "/images/load", dockerArchive(parts, [image]));
  const created = await send("POST", "/containers/create", { Image: image, HostConfig: { NetworkMode: "none", ...host } });
  const { Id } = (await created.json()) as { readonly Id: string };
  await send("POST", `/containers/${Id}/start`);
  await send("POST", `/containers/${Id}/wait`);
  // Behind the head of the one frame.
  const letters = (await (await send("GET", `/containers/${Id}/logs?stdout=1`)).text()).slice(8);
  await send("DELETE", `/containers/${Id}?force=1`);
  await send("DELETE", `/images/${image}`);
  const sweeps = ways.map((by, index) => [by, letters.slice(index * numbers, (index + 1) * numbers)]);
  const named = Object.keys(namedCalls).map((title, index) => [title, letters.charAt(swept.length + index)]);
  return { sweeps: Object.fromEntries(sweeps), named: Object.fromEntries(named) };

  async function send(method: string, path: string, body?: Uint8Array<ArrayBuffer> | object): Promise<Response> {
    const isTar = body instanceof Uint8Array;
    const content = { "Content-Type": isTar ? "application/x-tar" : "application/json" };
    const init = body === undefined ? {} : { headers: content, body: isTar ? body : JSON.stringify(body) };
    const reply = await fetch(`http://docker${path}`, { unix: socket, keepalive: false, method, ...init });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    // Read to its end, and still there for whoever asks.
    const whole = await reply.bytes();
    return new Response(reply.status === 204 ? null : whole, { status: reply.status });
  }
}
