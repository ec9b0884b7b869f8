// Words of a Dockerfile's instruction: quotes keep blanks, a backslash keeps the next character, $NAME and ${NAME} are replaced but between
// single quotes.

/** Splits the text behind an instruction into words. `env` is what variables are replaced from. */
export function instructionWords(text: string, env: readonly string[]): readonly string[] {
  return new WordReader(text, env).words();
}

/** The same without splitting: one word, blanks and all. */
export function instructionText(text: string, env: readonly string[]): string {
  return new WordReader(text, env).words("whole")[0] ?? "";
}

/** The words of a list in JSON; undefined for any other text. */
export function listOf(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every((entry): entry is string => typeof entry === "string") ? list : undefined;
  } catch {
    return undefined;
  }
}

const variable = /\$(?:\{(\w+)\}|(\w+))/y;

class WordReader {
  readonly #text: string;
  readonly #env: ReadonlyMap<string, string>;
  #at = 0;

  constructor(text: string, env: readonly string[]) {
    this.#text = text;
    this.#env = new Map(env.map((entry) => [entry.split("=", 1)[0] ?? "", entry.slice(entry.indexOf("=") + 1)]));
  }

  words(split: "split" | "whole" = "split"): readonly string[] {
    const words: string[] = [];
    let word: string | undefined;
    let quote = "";
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at);
      if (quote === "" && split === "split" && /\s/.test(character)) {
        if (word !== undefined) words.push(word);
        word = undefined;
        this.#at += 1;
      } else if (character === quote || (quote === "" && (character === '"' || character === "'"))) {
        quote = quote === "" ? character : "";
        word ??= "";
        this.#at += 1;
      } else word = (word ?? "") + this.#next(quote);
    }
    if (word !== undefined) words.push(word);
    return words;
  }

  /** What the next character, or the variable that begins with it, stands for. */
  #next(quote: string): string {
    const character = this.#text.charAt(this.#at);
    const following = this.#text.charAt(this.#at + 1);
    if (character === "\\" && quote !== "'" && following !== "") {
      this.#at += 2;
      return quote === '"' && !'"\\$'.includes(following) ? character + following : following;
    }
    variable.lastIndex = this.#at;
    const found = quote === "'" ? null : variable.exec(this.#text);
    if (found === null) {
      this.#at += 1;
      return character;
    }
    this.#at += found[0].length;
    return this.#env.get(found[1] ?? found[2] ?? "") ?? "";
  }
}
