import { tokenText, type Token, type TokenKind } from "./lexer.ts";
import { TemplateError } from "./template-error.ts";

/** Tokens with a place in them. Spaces are passed over by the methods that speak of words. */
export class TokenStream {
  /** Line on which the action began that is being read; 0 outside. */
  actionLine = 0;
  readonly #tokens: readonly Token[];
  readonly #name: string;
  #next = 0;
  /** The furthest token that was looked at: an error says its line. */
  #seen = 0;

  constructor(tokens: readonly Token[], name: string) {
    this.#tokens = tokens;
    this.#name = name;
  }

  peek(): Token {
    const token = this.#tokens[Math.min(this.#next, this.#tokens.length - 1)];
    if (token === undefined) throw new Error("a template without tokens");
    this.#seen = Math.max(this.#seen, this.#next);
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.#next += 1;
    return token;
  }

  peekWord(): Token {
    while (this.peek().kind === "space") this.#next += 1;
    return this.peek();
  }

  nextWord(): Token {
    this.peekWord();
    return this.next();
  }

  mark(): number {
    return this.#next;
  }

  reset(mark: number): void {
    this.#next = mark;
  }

  expect(kind: TokenKind, context: string): Token {
    const token = this.nextWord();
    if (token.kind !== kind) throw this.unexpected(token, context);
    return token;
  }

  unexpected(token: Token, context: string): TemplateError {
    if (token.kind !== "error") return this.error(`unexpected ${tokenText(token)} in ${context}`);
    if (this.actionLine === 0 || this.actionLine === token.line) return this.error(token.text);
    const started = ` in action started at ${this.#name}:${this.actionLine}`;
    return this.error(token.text + (token.text.endsWith(" action") ? started.slice(" in action".length) : started));
  }

  error(message: string): TemplateError {
    return new TemplateError(
      `template: ${this.#name}:${this.#tokens[Math.min(this.#seen, this.#tokens.length - 1)]?.line ?? 0}: ${message}`,
    );
  }
}
