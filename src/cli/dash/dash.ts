import type { DockerClient } from "#client";
import { describeError } from "../describe-error.ts";
import type { Command, Invocation } from "../command.ts";
import { isTerminal } from "../terminal.ts";
import { ExitError } from "../usage-error.ts";
import { actionOf, applyKey, type DashAction, type DashRow, firstState, selectedIndex, sorted } from "./board-state.ts";
import { ContainerFeed } from "./container-feed.ts";
import { drawFrame, tableHeight } from "./frame.ts";
import { FullScreen } from "./full-screen.ts";
import { readKeys } from "./keys.ts";
import { LogTail } from "./log-tail.ts";

export const dashCommand: Command = {
  synopsis: "",
  summary: "Show all containers live: what they use, and the log of the chosen one",
  args: { min: 0, max: 0 },
  flags: [],
  run: dash,
};

/** Milliseconds between two pictures, at most that often. */
const shortest = 100;

const ends = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

async function dash({ client, program }: Invocation): Promise<number> {
  if (!isTerminal(0) || !isTerminal(1)) throw new ExitError(1, `${program} dash needs a terminal for its input and its output`);
  const colours = (process.env["NO_COLOR"] ?? "") === "";
  using held = new DisposableStack();
  const view = held.use(new View(client, { program, colours }));
  await view.open();
  const screen = held.use(new FullScreen());
  return await view.run(screen);
}

/** Brings together what the daemon tells, what the user types and what is drawn. */
class View implements Disposable {
  readonly #client: DockerClient;
  readonly #options: { readonly program: string; readonly colours: boolean };
  readonly #feed: ContainerFeed;
  readonly #log: LogTail;
  #state = firstState;
  #screen: FullScreen | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(client: DockerClient, options: { readonly program: string; readonly colours: boolean }) {
    this.#client = client;
    this.#options = options;
    this.#feed = new ContainerFeed(client, () => this.#changed());
    this.#log = new LogTail(client, () => this.#changed());
  }

  /** @throws before the screen is taken when there is no daemon */
  open(): Promise<void> {
    return this.#feed.open();
  }

  /** Resolves with the exit code when the user, a signal or the end of the terminal says so. */
  async run(screen: FullScreen): Promise<number> {
    this.#screen = screen;
    const ended = Promise.withResolvers<number>();
    const resized = (): void => {
      screen.forget();
      this.#draw();
    };
    const typed = (bytes: Uint8Array): void => {
      for (const key of readKeys(bytes)) {
        if (key === "quit") ended.resolve(0);
        else this.#press(key);
      }
      this.#draw();
    };
    const gone = (): void => ended.resolve(0);
    const listeners = ends.map((name, index) => ({ name, listener: () => ended.resolve(128 + ([2, 15, 1][index] ?? 0)) }));
    for (const { name, listener } of listeners) process.on(name, listener);
    process.on("SIGWINCH", resized);
    process.stdin.on("data", typed).on("end", gone).on("error", gone);
    try {
      this.#draw();
      return await ended.promise;
    } finally {
      for (const { name, listener } of listeners) process.off(name, listener);
      process.off("SIGWINCH", resized);
      process.stdin.off("data", typed).off("end", gone).off("error", gone).pause();
      this.#screen = undefined;
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#feed[Symbol.dispose]();
    this.#log[Symbol.dispose]();
  }

  #press(key: string): void {
    const rows = sorted(this.#feed.rows, this.#state);
    const action = actionOf(key);
    const row = rows[selectedIndex(this.#state, rows)];
    if (action !== undefined && row !== undefined) void this.#act(action, row);
    else if (this.#screen !== undefined) this.#state = { ...applyKey(this.#state, key, rows, tableHeight(this.#screen.size)), message: "" };
  }

  async #act(action: DashAction, { id, name, state }: DashRow): Promise<void> {
    const { containers } = this.#client;
    const undo = action === "pause" && state === "paused";
    this.#say(`${undo ? "unpause" : action} ${name} ...`);
    try {
      if (undo) await containers.unpause(id);
      else await containers[action](id);
      this.#say(`${undo ? "unpause" : action} ${name}: done`);
    } catch (error) {
      this.#say(describeError(error, this.#options.program));
    }
  }

  #say(message: string): void {
    this.#state = { ...this.#state, message };
    this.#changed();
  }

  /** Something is new: it is drawn soon, with whatever comes meanwhile. */
  #changed(): void {
    if (this.#screen === undefined) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, shortest);
  }

  #draw(): void {
    if (this.#screen === undefined) return;
    const { size } = this.#screen;
    const rows = sorted(this.#feed.rows, this.#state);
    const chosen = rows[selectedIndex(this.#state, rows)];
    if (chosen !== undefined) this.#state = { ...this.#state, selected: chosen.id };
    this.#log.choose(chosen === undefined ? undefined : { id: chosen.id, up: chosen.state === "running" || chosen.state === "paused" });
    const state = this.#feed.problem === "" ? this.#state : { ...this.#state, message: this.#feed.problem };
    this.#screen.draw(drawFrame({ rows, state, log: this.#log.lines, size, colours: this.#options.colours }));
  }
}
