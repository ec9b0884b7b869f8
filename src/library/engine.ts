import {
  type ContainerSummary,
  type DockerClient,
  type EventReply,
  type Filters,
  type ImageSummary,
  type InfoReply,
  NotFoundError,
  type RemovedImage,
  type VersionReply,
} from "#client";
import { Container } from "./container.ts";
import { type ContainerOptions, createBody } from "./container-options.ts";
import { eventStream, type EventOptions } from "./event-stream.ts";
import { type Pull, pullImage, type PullOptions } from "./pull.ts";
import type { Output } from "./session.ts";

interface Abortable {
  readonly signal?: AbortSignal;
}

/**
 * One daemon. Each call that a daemon refuses throws DaemonError or a class below it, one that reaches none UnreachableError, one whose
 * reply breaks off BrokenReplyError, and one whose signal is given the signal's reason. After a restart of the daemon the next call connects anew.
 */
export class Engine implements AsyncDisposable {
  readonly #client: DockerClient;

  constructor(client: DockerClient) {
    this.#client = client;
  }

  /** Where the daemon is, as DOCKER_HOST says it. */
  get host(): string {
    return this.#client.transport.endpoint.address;
  }

  /** The version of the API that is spoken. */
  get apiVersion(): string {
    return this.#client.transport.version;
  }

  async version({ signal }: Abortable = {}): Promise<VersionReply> {
    return await this.#client.endingWith(signal).system.version();
  }

  async info({ signal }: Abortable = {}): Promise<InfoReply> {
    return await this.#client.endingWith(signal).system.info();
  }

  /** Fetches an image: "alpine", "alpine:3.20", "registry.example/app@sha256:...". */
  pull(image: string, options: PullOptions = {}): Pull {
    return pullImage(this.#client.endingWith(options.signal), image, options);
  }

  async images({ all, filters, signal }: Abortable & { readonly all?: boolean; readonly filters?: Filters } = {}): Promise<ImageSummary[]> {
    return await this.#client.endingWith(signal).images.list({ ...(all && { all }), ...(filters && { filters }) });
  }

  /** @throws ConflictError when a container uses it, unless `force` */
  async removeImage(image: string, { force, signal }: Abortable & { readonly force?: boolean } = {}): Promise<RemovedImage[]> {
    return await this.#client.endingWith(signal).images.remove(image, force ? { force } : {});
  }

  /** A container that does not run yet. An image that is missing is pulled first, unless `pull` says otherwise. */
  async create(image: string, command?: readonly string[], options: ContainerOptions = {}): Promise<Container> {
    const { pull = "missing", platform, signal } = options;
    if (pull === "always") await this.pull(image, options);
    const query = { ...(options.name && { name: options.name }), ...(platform && { platform }) };
    const create = async (): Promise<Container> => {
      const { Id } = await this.#client.endingWith(signal).containers.create(createBody(image, command, options), query);
      return new Container(this.#client, Id);
    };
    try {
      return await create();
    } catch (error) {
      if (!(error instanceof NotFoundError) || pull !== "missing") throw error;
    }
    await this.pull(image, options);
    return await create();
  }

  /** A container that runs; one that cannot be started is removed again. */
  async run(image: string, command?: readonly string[], options: ContainerOptions = {}): Promise<Container> {
    const container = await this.create(image, command, options);
    try {
      await container.start(options);
      return container;
    } catch (error) {
      await container[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Runs a container to its end, gives what it wrote and its exit code, and removes it. */
  async output(
    image: string,
    command?: readonly string[],
    { input, ...options }: ContainerOptions & { readonly input?: string | Uint8Array } = {},
  ): Promise<Output> {
    const stdin = input !== undefined;
    await using container = await this.create(image, command, { ...options, stdin, autoRemove: false });
    const signal = options.signal ? { signal: options.signal } : {};
    await using session = await container.attach({ stdin, ...signal });
    await container.start(signal);
    return await session.output(input);
  }

  /** A container that is there already, by id, unique prefix or name. Asks the daemon nothing. */
  container(id: string): Container {
    return new Container(this.#client, id);
  }

  /** Containers that run; with `all` the others too. */
  async list(
    options: Abortable & { readonly all?: boolean; readonly limit?: number; readonly size?: boolean; readonly filters?: Filters } = {},
  ): Promise<ContainerSummary[]> {
    const { signal, ...query } = options;
    return await this.#client.endingWith(signal).containers.list(query);
  }

  /** What happens at the daemon, until `until` or the signal. */
  events(options: EventOptions = {}): AsyncGenerator<EventReply, void> {
    return eventStream(this.#client.endingWith(options.signal), options);
  }

  /** Closes the connections that wait for the next call. They keep no process alive; a later call opens its own. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
  }
}
