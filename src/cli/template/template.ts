import { Executor } from "./executor.ts";
import { functions, type Functions } from "./functions.ts";
import { parseDefinitions, type Definitions } from "./parser.ts";
import { TemplateError } from "./template-error.ts";
import type { GoValue } from "./value.ts";

/** A template of Go's text/template with Docker's functions, read once and carried out as often as needed. */
export class Template {
  readonly #text: string;
  readonly #name: string;
  readonly #definitions: Definitions;

  /** `name` stands in errors. @throws TemplateError in Go's words: "template: NAME:1: unclosed action" */
  constructor(text: string, name = "") {
    this.#text = text;
    this.#name = name;
    this.#definitions = withinStack(name, () => parseDefinitions(text, name));
  }

  /** The text for one value; `strict` makes an error of a key that a map does not hold. @throws TemplateError */
  execute(data: GoValue, options: { readonly strict?: boolean } = {}): string {
    const { text, failure } = this.attempt(data, { functions, strict: options.strict ?? false });
    if (failure !== undefined) throw failure;
    return text;
  }

  /** The text up to the end or the first error, which is told and not thrown. */
  attempt(
    data: GoValue,
    options: { readonly functions: Functions; readonly strict: boolean },
  ): { readonly text: string; readonly failure?: TemplateError } {
    let text = "";
    const write = (piece: string): void => void (text += piece);
    try {
      const executor = new Executor(this.#text, this.#definitions, { ...options, name: this.#name, write });
      withinStack(this.#name, () => executor.run(this.#name, data));
    } catch (failure) {
      if (failure instanceof TemplateError) return { text, failure };
      throw failure;
    }
    return { text };
  }
}

/** A template that is nested deeper than our stack is refused like any other that cannot be carried out. */
function withinStack<T>(name: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new TemplateError(`template: ${name}: nested too deeply`, { cause: error });
  }
}
