import { ContainerCalls } from "./container-calls.ts";
import { ExecCalls } from "./exec-calls.ts";
import { ImageCalls } from "./image-calls.ts";
import { NetworkCalls } from "./network-calls.ts";
import { SystemCalls } from "./system-calls.ts";
import { VolumeCalls } from "./volume-calls.ts";
import { type Requests, Transport, type TransportOptions } from "./transport.ts";

/** Without `version` the newest that both sides speak is used; `userAgent` is "gantry-client" when absent. */
export type ClientOptions = Omit<TransportOptions, "userAgent"> & { readonly userAgent?: string };

/** Every call there is. Each throws DaemonError (the daemon said no), UnreachableError or BrokenReplyError. */
export interface DockerCalls {
  readonly containers: ContainerCalls;
  readonly exec: ExecCalls;
  readonly images: ImageCalls;
  readonly networks: NetworkCalls;
  readonly volumes: VolumeCalls;
  readonly system: SystemCalls;
}

/** Docker's API, typed. */
export class DockerClient implements DockerCalls, Disposable {
  readonly transport: Transport;
  readonly containers: ContainerCalls;
  readonly exec: ExecCalls;
  readonly images: ImageCalls;
  readonly networks: NetworkCalls;
  readonly volumes: VolumeCalls;
  readonly system: SystemCalls;

  constructor(options: ClientOptions) {
    this.transport = new Transport({ userAgent: "gantry-client", ...options });
    const { containers, exec, images, networks, volumes, system } = callsOver(this.transport);
    this.containers = containers;
    this.exec = exec;
    this.images = images;
    this.networks = networks;
    this.volumes = volumes;
    this.system = system;
  }

  /** The same calls, all of which end with the signal and then throw its reason. */
  endingWith(signal: AbortSignal | undefined): DockerCalls {
    return signal === undefined ? this : callsOver(this.transport.endingWith(signal));
  }

  /** Closes the connections that are kept for the next call. */
  [Symbol.dispose](): void {
    this.transport.close();
  }
}

function callsOver(requests: Requests): DockerCalls {
  return {
    containers: new ContainerCalls(requests),
    exec: new ExecCalls(requests),
    images: new ImageCalls(requests),
    networks: new NetworkCalls(requests),
    volumes: new VolumeCalls(requests),
    system: new SystemCalls(requests),
  };
}
