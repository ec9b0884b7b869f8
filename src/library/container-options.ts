import type { CreateRequest } from "#wire";

/** Docker's body of a create (API 1.51), of which any part may be left away. */
export type CreateBody = Partially<CreateRequest>;

type Partially<T> = T extends readonly (infer Item)[]
  ? readonly Partially<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Partially<T[Key]> | undefined }
    : T;

export interface ContainerOptions {
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Container ports ("80", "53/udp") and the host ports that lead to them: 8080, "127.0.0.1:8080", or 0 for a free one. */
  readonly ports?: Readonly<Record<string, number | string>>;
  /** As `-v` takes them: "/host/path:/path" or "/host/path:/path:ro". */
  readonly binds?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly workingDir?: string;
  readonly user?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly network?: string;
  /** Bytes. */
  readonly memory?: number;
  readonly cpus?: number;
  readonly tty?: boolean;
  /** Keeps stdin open for `attach`. */
  readonly stdin?: boolean;
  /** The daemon removes the container when it ends. */
  readonly autoRemove?: boolean;
  readonly platform?: string;
  /** When to pull the image first: "missing" (the default), "always" or "never". */
  readonly pull?: "missing" | "always" | "never";
  /** Anything else that Docker's API knows; it goes before what stands above. */
  readonly config?: CreateBody;
  readonly signal?: AbortSignal;
}

/** Docker's body for an image, a command and the options. */
export function createBody(image: string, command: readonly string[] | undefined, options: ContainerOptions): object {
  const { env, ports = {}, labels, entrypoint, workingDir, user, tty, stdin, config = {} } = options;
  const published = Object.entries(ports).map(([port, host]) => [port.includes("/") ? port : `${port}/tcp`, host] as const);
  return {
    Image: image,
    ...(command && { Cmd: command }),
    ...(entrypoint && { Entrypoint: entrypoint }),
    ...(env && { Env: Object.entries(env).map(([name, value]) => `${name}=${value}`) }),
    ...(labels && { Labels: labels }),
    ...(workingDir && { WorkingDir: workingDir }),
    ...(user && { User: user }),
    ...(tty && { Tty: true }),
    ...(stdin && { OpenStdin: true, StdinOnce: true, AttachStdin: true }),
    ExposedPorts: Object.fromEntries(published.map(([port]) => [port, {}])),
    ...config,
    HostConfig: {
      PortBindings: Object.fromEntries(published.map(([port, host]) => [port, [portBinding(host)]])),
      ...hostOptions(options),
      ...config.HostConfig,
    },
  };
}

function hostOptions({ binds, memory, cpus, network, autoRemove }: ContainerOptions): object {
  return {
    ...(binds && { Binds: binds }),
    ...(memory !== undefined && { Memory: memory }),
    ...(cpus !== undefined && { NanoCpus: Math.round(cpus * 1e9) }),
    ...(network && { NetworkMode: network }),
    ...(autoRemove && { AutoRemove: true }),
  };
}

function portBinding(host: number | string): { readonly HostIp: string; readonly HostPort: string } {
  const text = String(host);
  const colon = text.lastIndexOf(":");
  return { HostIp: text.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, "$1"), HostPort: text.slice(colon + 1).replace(/^0$/, "") };
}
