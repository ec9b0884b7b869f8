// Walks the statements of a template and writes. What an expression is worth is the evaluator's matter.
import { Evaluator, type Scope } from "./evaluator.ts";
import { element } from "./function.ts";
import type { Functions } from "./functions.ts";
import type { Block, Pipeline, Statement } from "./node.ts";
import type { Definitions } from "./parser.ts";
import { printed } from "./print.ts";
import { GoMap, GoScalar, GoSlice, indirect, isTrue, scalarOf, stringType, typeOf, unwrapInterface, type GoValue } from "./value.ts";

/** Templates in templates beyond which we stop: Go goes to 100,000, for which our stack is too small. */
const deepest = 1000;

type Jump = "break" | "continue" | undefined;

export interface ExecuteOptions {
  /** Of the template, as errors say it. */
  readonly name: string;
  readonly functions: Functions;
  /** An error where a map does not hold a key, instead of "<no value>". */
  readonly strict: boolean;
  /** Takes the output piece by piece; what was given before an error stays. */
  readonly write: (text: string) => void;
}

export class Executor {
  readonly #definitions: Definitions;
  readonly #evaluator: Evaluator;
  readonly #write: (text: string) => void;
  #depth = 0;

  constructor(text: string, definitions: Definitions, options: ExecuteOptions) {
    this.#definitions = definitions;
    this.#evaluator = new Evaluator(text, options);
    this.#write = options.write;
  }

  /** Carries out the template of that name. @throws TemplateError */
  run(name: string, dot: GoValue): void {
    this.#walk(this.#definitions.get(name) ?? [], { dot, variables: [{ name: "$", value: dot }] });
  }

  #walk(statements: readonly Statement[], scope: Scope): Jump {
    for (const statement of statements) {
      const jump = this.#statement(statement, scope);
      if (jump !== undefined) return jump;
    }
    return undefined;
  }

  #statement(statement: Statement, scope: Scope): Jump {
    this.#evaluator.at(statement);
    switch (statement.type) {
      case "text":
        this.#write(statement.text);
        return undefined;
      case "action": {
        const value = this.#evaluator.pipeline(statement.pipeline, scope);
        if (statement.pipeline.variables.length === 0) this.#print(value);
        return undefined;
      }
      case "if":
      case "with": {
        const inner = innerScope(scope);
        const value = this.#evaluator.pipeline(statement.pipeline, inner);
        if (!isTrue(unwrapInterface(value))) return this.#walk(statement.otherwise ?? [], inner);
        return this.#walk(statement.body, statement.type === "with" ? { ...inner, dot: value } : inner);
      }
      case "range":
        return this.#range(statement, scope);
      case "template":
        return this.#template(statement.name, statement.pipeline, scope);
      case "break":
      case "continue":
      default:
        return statement.type;
    }
  }

  #print(given: GoValue): void {
    const { value, isNil } = indirect(given);
    this.#write(value === undefined ? "<no value>" : isNil ? "<nil>" : printed(value));
  }

  #template(name: string, pipeline: Pipeline | undefined, scope: Scope): undefined {
    const statements = this.#definitions.get(name);
    if (statements === undefined) throw this.#evaluator.error(`template ${JSON.stringify(name)} not defined`);
    if (this.#depth === deepest) throw this.#evaluator.error("exceeded maximum template depth (100000)");
    const dot = pipeline === undefined ? undefined : this.#evaluator.pipeline(pipeline, scope);
    const caller = this.#evaluator.running;
    this.#depth += 1;
    this.#evaluator.running = name;
    this.#walk(statements, { dot, variables: [{ name: "$", value: dot }] });
    this.#evaluator.running = caller;
    this.#depth -= 1;
    return undefined;
  }

  #range(statement: Block, scope: Scope): Jump {
    const { pipeline, body, otherwise = [] } = statement;
    const outer = innerScope(scope);
    const { value } = indirect(this.#evaluator.pipeline(pipeline, outer));
    let rounds = 0;
    for (const [index, item] of this.#items(value, pipeline)) {
      rounds += 1;
      const inner: Scope = { dot: item, variables: [...outer.variables] };
      this.#setRangeVariables(pipeline, inner, index, item);
      if (this.#walk(body, inner) === "break") break;
    }
    return rounds === 0 ? this.#walk(otherwise, outer) : undefined;
  }

  #setRangeVariables({ variables, assigns }: Pipeline, scope: Scope, index: GoValue, item: GoValue): void {
    const [first, second] = variables;
    if (first === undefined) return;
    const values = second === undefined ? [item] : [index, item];
    for (const [at, name] of variables.entries()) {
      if (assigns) this.#evaluator.assign(scope, name, values[at]);
      else scope.variables.push({ name, value: values[at] });
    }
  }

  *#items(value: GoValue, pipeline: Pipeline): Generator<readonly [index: GoValue, item: GoValue]> {
    if (value === undefined) return;
    if (value instanceof GoSlice) {
      for (const [index, item] of value.items.entries()) yield [BigInt(index), element(value.type, item)];
      return;
    }
    if (value instanceof GoMap) {
      const keyType = value.type.key ?? stringType;
      for (const [key, item] of value.entries) {
        yield [keyType.name === "string" ? key : new GoScalar(keyType, key), element(value.type, item)];
      }
      return;
    }
    const count = scalarOf(value);
    if (typeof count !== "bigint") throw this.#evaluator.error(`range can't iterate over ${printed(value)}`);
    if (pipeline.variables.length > 1) throw this.#evaluator.error(`can't use ${count} to iterate over more than one variable`);
    for (let index = 0n; index < count; index += 1n) {
      yield [undefined, typeof value === "bigint" ? index : new GoScalar(typeOf(value), index)];
    }
  }
}

/** Variables that are declared inside are gone outside; those of the outside may be assigned to. */
function innerScope({ dot, variables }: Scope): Scope {
  return { dot, variables: [...variables] };
}
