import { ContainerCalls } from "./container-calls.ts";
import { ExecCalls } from "./exec-calls.ts";
import { ImageCalls } from "./image-calls.ts";
import { SystemCalls } from "./system-calls.ts";
import { Transport, type TransportOptions } from "./transport.ts";

/** Without `version` the newest that both sides speak is used; `userAgent` is "gantry-client" when absent. */
export type ClientOptions = Omit<TransportOptions, "userAgent"> & { readonly userAgent?: string };

/** Docker's API, typed. Every call throws DaemonError (the daemon said no), UnreachableError or BrokenReplyError. */
export class DockerClient implements Disposable {
  readonly transport: Transport;
  readonly containers: ContainerCalls;
  readonly exec: ExecCalls;
  readonly images: ImageCalls;
  readonly system: SystemCalls;

  constructor(options: ClientOptions) {
    this.transport = new Transport({ userAgent: "gantry-client", ...options });
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
