/** Lets acts run one after the other, in the order in which they were asked for. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Settles as the act does; one that fails does not keep the next from its turn. */
  take<Result>(act: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(act, act);
    this.#last = done;
    return done;
  }

  /** Resolves when everything asked for so far is done, well or not. */
  async idle(): Promise<void> {
    await this.#last.then(
      () => undefined,
      () => undefined,
    );
  }
}
