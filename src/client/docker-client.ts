import { ContainerCalls } from "./container-calls.ts";
import type { Endpoint } from "./endpoint.ts";
import { ExecCalls } from "./exec-calls.ts";
import { ImageCalls } from "./image-calls.ts";
import { SystemCalls } from "./system-calls.ts";
import { Transport } from "./transport.ts";

export interface ClientOptions {
  readonly endpoint: Endpoint;
  /** Pins the API version, e.g. "1.44"; otherwise the newest that both sides speak. */
  readonly version?: string;
  /** Value of the User-Agent header; "gantry-client" when absent. */
  readonly userAgent?: string;
}

/** Docker's API, typed. Every call throws DaemonError (the daemon said no), UnreachableError or BrokenReplyError. */
export class DockerClient implements Disposable {
  readonly transport: Transport;
  readonly containers: ContainerCalls;
  readonly exec: ExecCalls;
  readonly images: ImageCalls;
  readonly system: SystemCalls;

  constructor(options: ClientOptions) {
    const { endpoint, version, userAgent = "gantry-client" } = options;
    this.transport = new Transport({ endpoint, userAgent, ...(version !== undefined && { version }) });
    this.containers = new ContainerCalls(this.transport);
    this.exec = new ExecCalls(this.transport);
    this.images = new ImageCalls(this.transport);
    this.system = new SystemCalls(this.transport);
  }

  /** Closes the connections that are kept for the next call. */
  [Symbol.dispose](): void {
    this.transport.close();
  }
}
