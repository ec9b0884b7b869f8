// Reads tokens into statements: text, actions and what {{if}}, {{range}}, {{with}} and {{define}} hold. One parser reads
// one template; a {{define}} or {{block}} is read by a parser of its own that goes on in the same tokens.
import { functions } from "./functions.ts";
import { tokensOf } from "./lexer.ts";
import { unquote } from "./literal.ts";
import type { Pipeline, Statement } from "./node.ts";
import { PipelineParser } from "./pipeline-parser.ts";
import { TokenStream } from "./token-stream.ts";

export type Definitions = Map<string, readonly Statement[]>;

/** The templates that a text defines, by name, its own among them. @throws TemplateError */
export function parseDefinitions(text: string, name: string): Definitions {
  const definitions: Definitions = new Map();
  const stream = new TokenStream(tokensOf(text), name);
  new TemplateParser(stream, definitions).parseFile(name);
  return definitions;
}

/** Blocks in blocks beyond which we stop; Go has no limit. */
const deepest = 1000;

type Ending = { readonly type: "end" | "else"; readonly at: number };

class TemplateParser {
  readonly #stream: TokenStream;
  readonly #definitions: Definitions;
  readonly #pipelines: PipelineParser;
  #rangeDepth = 0;
  #depth = 0;

  constructor(stream: TokenStream, definitions: Definitions) {
    this.#stream = stream;
    this.#definitions = definitions;
    this.#pipelines = new PipelineParser(stream, (name) => functions.has(name));
  }

  parseFile(name: string): void {
    const statements: Statement[] = [];
    while (this.#stream.peek().kind !== "end-of-text") {
      if (this.#stream.peek().kind === "left") {
        const mark = this.#stream.mark();
        this.#stream.next();
        const word = this.#stream.nextWord();
        if (word.kind === "keyword" && word.text === "define") {
          new TemplateParser(this.#stream, this.#definitions).#definition();
          continue;
        }
        this.#stream.reset(mark);
      }
      const statement = this.#statement();
      if (isEnding(statement)) throw this.#stream.error(`unexpected {{${statement.type}}}`);
      statements.push(statement);
    }
    this.#define(name, statements);
  }

  #definition(): void {
    const context = "define clause";
    const name = this.#name(context);
    this.#stream.expect("right", context);
    this.#define(name, this.#listToEnd(context));
  }

  #name(context: string): string {
    const token = this.#stream.nextWord();
    if (token.kind !== "string" && token.kind !== "raw") throw this.#stream.unexpected(token, context);
    const name = unquote(token.text);
    if (name === undefined) throw this.#stream.error("invalid syntax");
    return name;
  }

  /** A template that holds nothing but space gives way to one of the same name. */
  #define(name: string, statements: readonly Statement[]): void {
    const known = this.#definitions.get(name);
    if (known !== undefined && !isEmpty(known)) {
      if (isEmpty(statements)) return;
      throw this.#stream.error(`template: multiple definition of template ${JSON.stringify(name)}`);
    }
    this.#definitions.set(name, statements);
  }

  #listToEnd(context: string): Statement[] {
    const { statements, ending } = this.#list();
    if (ending.type !== "end") throw this.#stream.error(`unexpected {{${ending.type}}} in ${context}`);
    return statements;
  }

  #list(): { statements: Statement[]; ending: Ending } {
    const statements: Statement[] = [];
    while (this.#stream.peekWord().kind !== "end-of-text") {
      const statement = this.#statement();
      if (isEnding(statement)) return { statements, ending: statement };
      statements.push(statement);
    }
    throw this.#stream.error("unexpected EOF");
  }

  #statement(): Statement | Ending {
    const token = this.#stream.nextWord();
    if (token.kind === "text") return { type: "text", at: token.at, text: token.text };
    if (token.kind !== "left") throw this.#stream.unexpected(token, "input");
    this.#stream.actionLine = token.line;
    const statement = this.#action();
    this.#stream.actionLine = 0;
    return statement;
  }

  #action(): Statement | Ending {
    const token = this.#stream.peekWord();
    if (token.kind !== "keyword" || token.text === "define") {
      return { type: "action", at: token.at, pipeline: this.#pipelines.pipeline("command", "right") };
    }
    this.#stream.nextWord();
    switch (token.text) {
      case "if":
      case "with":
      case "range":
        return this.#control(token.text);
      case "else":
        return this.#else();
      case "end":
        return { type: "end", at: this.#stream.expect("right", "end").at };
      case "break":
      case "continue":
        return this.#jump(token.text, token.at);
      case "block":
        return this.#block();
      default:
        return this.#template();
    }
  }

  #jump(type: "break" | "continue", at: number): Statement {
    const token = this.#stream.nextWord();
    if (token.kind !== "right") throw this.#stream.unexpected(token, `{{${type}}}`);
    if (this.#rangeDepth === 0) throw this.#stream.error(`{{${type}}} outside {{range}}`);
    return { type, at };
  }

  /** `{{else if x}}` leaves its "if" to be read as if it stood in an action of its own. */
  #else(): Ending {
    const next = this.#stream.peekWord();
    if (next.kind === "keyword" && (next.text === "if" || next.text === "with")) return { type: "else", at: next.at };
    return { type: "else", at: this.#stream.expect("right", "else").at };
  }

  #control(type: "if" | "with" | "range"): Statement {
    const variables = this.#pipelines.variableCount;
    this.#depth += 1;
    if (this.#depth > deepest) throw this.#stream.error("nested too deeply");
    const pipeline = this.#pipelines.pipeline(type, "right");
    if (type === "range") this.#rangeDepth += 1;
    const { statements: body, ending } = this.#list();
    if (type === "range") this.#rangeDepth -= 1;
    const otherwise = ending.type === "else" ? this.#otherwise(type) : undefined;
    this.#pipelines.forgetVariables(variables);
    this.#depth -= 1;
    return { type, at: pipeline.at, pipeline, body, ...(otherwise && { otherwise }) };
  }

  #otherwise(type: "if" | "with" | "range"): Statement[] {
    const next = this.#stream.peek();
    if (type !== "range" && next.kind === "keyword" && next.text === type) {
      this.#stream.next();
      return [this.#control(type)];
    }
    const { statements, ending } = this.#list();
    if (ending.type !== "end") throw this.#stream.error(`expected end; found {{${ending.type}}}`);
    return statements;
  }

  #block(): Statement {
    const context = "block clause";
    const at = this.#stream.peekWord().at;
    const name = this.#name(context);
    const pipeline = this.#pipelines.pipeline(context, "right");
    const own = new TemplateParser(this.#stream, this.#definitions);
    own.#define(name, own.#listToEnd(context));
    return { type: "template", at, name, pipeline };
  }

  #template(): Statement {
    const context = "template clause";
    const at = this.#stream.peekWord().at;
    const name = this.#name(context);
    let pipeline: Pipeline | undefined;
    if (this.#stream.peekWord().kind === "right") this.#stream.nextWord();
    else pipeline = this.#pipelines.pipeline(context, "right");
    return { type: "template", at, name, ...(pipeline && { pipeline }) };
  }
}

function isEnding(statement: Statement | Ending): statement is Ending {
  return statement.type === "end" || statement.type === "else";
}

function isEmpty(statements: readonly Statement[]): boolean {
  return statements.every((statement) => statement.type === "text" && statement.text.trim() === "");
}
