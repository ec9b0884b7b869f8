import { messageOf, shortId } from "#base";
import type { ContainerSummary, DockerClient } from "#client";
import { containerEvents, UsageBoard } from "../usage-board.ts";
import { usageFigures } from "../usage-row.ts";
import type { DashRow } from "./board-state.ts";

/** Events after which the list is made again; others (exec, top, resize) change nothing that is shown. */
const telling = new Set(["create", "start", "die", "destroy", "pause", "unpause", "rename", "update"]);

/** Milliseconds between lists without an event, for the time in "Up 5 minutes", and before a daemon that went is asked again. */
const refreshInterval = 5000;
const retryInterval = 1000;

/** All containers with what they use, kept up to date by events and streams of stats. */
export class ContainerFeed implements Disposable {
  readonly #client: DockerClient;
  readonly #changed: () => void;
  readonly #board: UsageBoard;
  readonly #end = new AbortController();
  #containers: readonly ContainerSummary[] = [];
  #problem = "";
  /** The list that is being made, and whether something happened since it was begun. */
  #refreshing: Promise<void> | undefined;
  #stale = false;

  constructor(client: DockerClient, changed: () => void) {
    this.#client = client;
    this.#changed = changed;
    this.#board = new UsageBoard(client, changed);
  }

  /** Why nothing comes from the daemon; "" while it does. */
  get problem(): string {
    return this.#problem;
  }

  get rows(): readonly DashRow[] {
    return this.#containers.map((container) => {
      const watched = this.#board.get(shortId(container.Id));
      const isUp = container.State === "running" || container.State === "paused";
      const stats = isUp && watched?.failure === undefined ? watched?.stats : undefined;
      return {
        id: container.Id,
        name: (container.Names?.[0] ?? shortId(container.Id)).replace(/^\//, ""),
        image: container.Image,
        status: container.Status,
        state: container.State,
        ...(stats !== undefined && { figures: usageFigures(stats) }),
      };
    });
  }

  /** Resolves with the first list; goes on until it is disposed of, over restarts of the daemon too. @throws when there is no daemon */
  async open(): Promise<void> {
    const { signal } = this.#end;
    const events = await containerEvents(this.#client, signal);
    await this.refresh();
    void this.#follow(events);
    const timer = setInterval(() => void this.refresh().catch(() => undefined), refreshInterval);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  /** Makes the list again. Calls that come while one is being made share the next one. */
  async refresh(): Promise<void> {
    if (this.#refreshing !== undefined) {
      this.#stale = true;
      return this.#refreshing;
    }
    this.#refreshing = this.#refresh();
    try {
      await this.#refreshing;
    } finally {
      this.#refreshing = undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#end.abort();
    this.#board[Symbol.dispose]();
  }

  async #refresh(): Promise<void> {
    do {
      this.#stale = false;
      this.#containers = await this.#client.containers.list({ all: true });
      const up = new Set(this.#containers.filter(({ State }) => State === "running" || State === "paused").map(({ Id }) => shortId(Id)));
      for (const { reference } of this.#board.all) if (!up.has(reference)) this.#board.drop(reference);
      for (const id of up) void this.#board.watch(id);
      this.#changed();
    } while (this.#stale && !this.#end.signal.aborted);
  }

  async #follow(events: Awaited<ReturnType<typeof containerEvents>> | undefined): Promise<void> {
    const { signal } = this.#end;
    let current = events;
    while (!signal.aborted) {
      try {
        current ??= await containerEvents(this.#client, signal);
        await this.refresh();
        this.#say("");
        for await (const { Action } of current) if (telling.has(Action)) await this.refresh();
        this.#say("the daemon ended the stream of events");
      } catch (error) {
        if (!signal.aborted) this.#say(messageOf(error));
      }
      current = undefined;
      if (!signal.aborted) await Bun.sleep(retryInterval);
    }
  }

  #say(problem: string): void {
    this.#problem = problem;
    this.#changed();
  }
}
