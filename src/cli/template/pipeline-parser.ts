import { messageOf } from "#base";
import type { Token, TokenKind } from "./lexer.ts";
import { numberLiteral, unquote } from "./literal.ts";
import { sourceOf, type Command, type Operand, type Pipeline } from "./node.ts";
import type { TemplateError } from "./template-error.ts";
import type { TokenStream } from "./token-stream.ts";

/** Parentheses in parentheses beyond which we stop; Go goes to 10,000. */
const deepest = 1000;

const beginnings: ReadonlySet<TokenKind> = new Set<TokenKind>([
  "bool",
  "rune",
  "complex",
  "dot",
  "field",
  "identifier",
  "number",
  "nil",
  "raw",
  "string",
  "variable",
  "open",
]);

/** Reads `$x := .A "b" | f`, and knows which variables there are. */
export class PipelineParser {
  readonly #stream: TokenStream;
  readonly #isFunction: (name: string) => boolean;
  readonly #variables = ["$"];
  #depth = 0;

  constructor(stream: TokenStream, isFunction: (name: string) => boolean) {
    this.#stream = stream;
    this.#isFunction = isFunction;
  }

  get variableCount(): number {
    return this.#variables.length;
  }

  forgetVariables(count: number): void {
    this.#variables.length = count;
  }

  pipeline(context: string, end: "right" | "close"): Pipeline {
    const at = this.#stream.peekWord().at;
    const { variables, assigns } = this.#declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#stream.peekWord();
      if (token.kind === end) {
        this.#stream.nextWord();
        this.#check(commands, context);
        return { type: "pipeline", at, variables, assigns, commands };
      }
      if (!beginnings.has(token.kind)) throw this.#stream.unexpected(this.#stream.nextWord(), context);
      commands.push(this.#command());
    }
  }

  #declarations(context: string): { variables: string[]; assigns: boolean } {
    const variables: string[] = [];
    for (;;) {
      const mark = this.#stream.mark();
      const variable = this.#stream.peekWord();
      if (variable.kind !== "variable") return { variables, assigns: false };
      this.#stream.nextWord();
      const sign = this.#stream.peekWord();
      if (sign.kind === "assign" || sign.kind === "declare") {
        this.#stream.nextWord();
        this.#variables.push(variable.text);
        return { variables: [...variables, variable.text], assigns: sign.kind === "assign" };
      }
      if (sign.kind !== "char" || sign.text !== ",") {
        this.#stream.reset(mark);
        return { variables, assigns: false };
      }
      this.#stream.nextWord();
      this.#variables.push(variable.text);
      variables.push(variable.text);
      if (context !== "range" || variables.length > 1) throw this.#stream.error(`too many declarations in ${context}`);
      const follows = this.#stream.peekWord().kind;
      if (follows !== "variable" && follows !== "right" && follows !== "close") {
        throw this.#stream.error("range can only initialize variables");
      }
    }
  }

  #check(commands: readonly Command[], context: string): void {
    if (commands.length === 0) throw this.#stream.error(`missing value for ${context}`);
    const stuck = commands.findIndex(
      ({ words: [first] }, index) => index > 0 && ["bool", "dot", "nil", "number", "string"].includes(first.type),
    );
    if (stuck > 0) throw this.#stream.error(`non executable command in pipeline stage ${stuck + 1}`);
  }

  #command(): Command {
    const at = this.#stream.peekWord().at;
    const words: Operand[] = [];
    for (;;) {
      this.#stream.peekWord();
      const operand = this.#operand();
      if (operand !== undefined) words.push(operand);
      const token = this.#stream.peek();
      if (token.kind === "right" || token.kind === "close") break;
      this.#stream.next();
      if (token.kind === "space") continue;
      if (token.kind === "pipe") break;
      throw this.#stream.unexpected(token, "operand");
    }
    const [first, ...others] = words;
    if (first === undefined) throw this.#stream.error("empty command");
    return { type: "command", at, words: [first, ...others] };
  }

  #operand(): Operand | undefined {
    const term = this.#term();
    if (term === undefined || this.#stream.peek().kind !== "field") return term;
    const at = this.#stream.peek().at;
    const names: string[] = [];
    while (this.#stream.peek().kind === "field") names.push(this.#stream.next().text.slice(1));
    switch (term.type) {
      case "field":
      case "variable":
        return { ...term, at, names: [...term.names, ...names] };
      case "bool":
      case "string":
      case "number":
      case "nil":
      case "dot":
        throw this.#stream.error(`unexpected . after term ${JSON.stringify(sourceOf(term))}`);
      case "identifier":
      case "chain":
      case "pipeline":
      default:
        return { type: "chain", at, of: term, names };
    }
  }

  #term(): Operand | undefined {
    const token = this.#stream.peekWord();
    const { at, text } = token;
    if (!beginnings.has(token.kind)) return undefined;
    this.#stream.next();
    if (token.kind === "identifier") return this.#function(token);
    if (token.kind === "dot" || token.kind === "nil") return { type: token.kind, at };
    if (token.kind === "variable") return this.#variable(token);
    if (token.kind === "field") return { type: "field", at, names: [text.slice(1)] };
    if (token.kind === "bool") return { type: "bool", at, value: text === "true" };
    if (token.kind === "open") return this.#parenthesized();
    return token.kind === "string" || token.kind === "raw" ? this.#string(token) : this.#number(token);
  }

  #function({ at, text }: Token): Operand {
    if (!this.#isFunction(text)) throw this.#stream.error(`function ${JSON.stringify(text)} not defined`);
    return { type: "identifier", at, name: text };
  }

  #variable({ at, text }: Token): Operand {
    if (!this.#variables.includes(text)) throw this.#stream.error(`undefined variable ${JSON.stringify(text)}`);
    return { type: "variable", at, name: text, names: [] };
  }

  #parenthesized(): Pipeline {
    if (this.#depth >= deepest) throw this.#stream.error("max expression depth exceeded");
    this.#depth += 1;
    const pipeline = this.pipeline("parenthesized pipeline", "close");
    this.#depth -= 1;
    return pipeline;
  }

  #string({ at, text }: Token): Operand {
    const value = unquote(text);
    if (value === undefined) throw this.#stream.error("invalid syntax");
    return { type: "string", at, quoted: text, value };
  }

  #number({ at, text }: Token): Operand {
    try {
      return numberLiteral(text, at);
    } catch (error) {
      throw this.#numberError(error);
    }
  }

  #numberError(error: unknown): TemplateError {
    return this.#stream.error(messageOf(error));
  }
}
