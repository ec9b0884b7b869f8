// What expressions of a template are worth: pipelines, commands, fields and calls, and the errors that Go gives for each.
import { messageOf } from "#base";
import { argumentOf, fitted } from "./argument.ts";
import type { Parameter, TemplateFunction } from "./function.ts";
import type { Functions } from "./functions.ts";
import { sourceOf, type Command, type Node, type NumberLiteral, type Operand, type Pipeline } from "./node.ts";
import { fieldOf } from "./field.ts";
import { TemplateError } from "./template-error.ts";
import { isTrue, typeOf, unwrapInterface, type GoValue } from "./value.ts";

interface Variable {
  readonly name: string;
  value: GoValue;
}

/** The dot and the variables where an expression stands. Inner scopes share the variables of the outer ones. */
export interface Scope {
  readonly dot: GoValue;
  readonly variables: Variable[];
}

/** What a call is given: its words, and what the command before it in the pipeline left, if there is one. */
export interface CallArguments {
  readonly words: readonly Operand[];
  readonly final?: { readonly value: GoValue };
}

const noArguments: CallArguments = { words: [] };

/** A word that is a value by itself. */
type Literal = Operand & { readonly type: "bool" | "dot" | "nil" | "string" | "number" };

/** A word that names something that may take arguments. */
type Callable = Operand & { readonly type: "field" | "chain" | "variable" | "identifier" };

function isCallable(operand: Operand): operand is Callable {
  return operand.type === "field" || operand.type === "chain" || operand.type === "variable" || operand.type === "identifier";
}

export class Evaluator {
  readonly strict: boolean;
  readonly #text: string;
  readonly #name: string;
  /** The template that is carried out now: the whole, or one that it defines. */
  running: string;
  readonly #functions: Functions;
  #node: Node | undefined;

  constructor(text: string, options: { readonly name: string; readonly functions: Functions; readonly strict: boolean }) {
    this.#text = text;
    this.#name = options.name;
    this.running = options.name;
    this.#functions = options.functions;
    this.strict = options.strict;
  }

  /** The node that the next error is about. */
  at(node: Node): void {
    this.#node = node;
  }

  error(message: string, cause?: unknown): TemplateError {
    const before = this.#text.slice(0, this.#node?.at ?? 0);
    const line = before.split("\n");
    const place = `${line.length}:${Buffer.byteLength(line.at(-1) ?? "")}`;
    const source = this.#node === undefined ? "" : sourceOf(this.#node);
    return new TemplateError(`template: ${this.#name}:${place}: executing ${JSON.stringify(this.running)} at <${source}>: ${message}`, {
      cause,
    });
  }

  assign(scope: Scope, name: string, value: GoValue): void {
    const variable = scope.variables.findLast((candidate) => candidate.name === name);
    if (variable === undefined) throw this.error(`undefined variable: ${name}`);
    variable.value = value;
  }

  pipeline(pipeline: Pipeline, scope: Scope): GoValue {
    this.at(pipeline);
    let value: GoValue;
    for (const [index, command] of pipeline.commands.entries()) {
      value = unwrapInterface(this.#command(command, scope, index === 0 ? undefined : { value }));
    }
    for (const name of pipeline.variables) {
      if (pipeline.assigns) this.assign(scope, name, value);
      else scope.variables.push({ name, value });
    }
    return value;
  }

  #command(command: Command, scope: Scope, final: { readonly value: GoValue } | undefined): GoValue {
    const [first, ...others] = command.words;
    const args: CallArguments = { words: others, ...(final && { final }) };
    if (isCallable(first)) return this.#callable(first, scope, args, command);
    if (first.type !== "pipeline") this.at(first);
    this.#refuseArguments(first, args);
    if (first.type === "nil") throw this.error("nil is not a command");
    return first.type === "pipeline" ? this.pipeline(first, scope) : this.literal(first, scope);
  }

  #refuseArguments(first: Operand, { words, final }: CallArguments): void {
    if (words.length === 0 && final === undefined) return;
    throw this.error(`can't give argument to non-function ${sourceOf(first)}`);
  }

  /** An operand that is worth what it names, as an argument or on its own. */
  operand(operand: Operand, scope: Scope): GoValue {
    this.at(operand);
    if (isCallable(operand)) return this.#callable(operand, scope, noArguments);
    return operand.type === "pipeline" ? this.pipeline(operand, scope) : this.literal(operand, scope);
  }

  literal(operand: Literal, scope: Scope): GoValue {
    switch (operand.type) {
      case "bool":
      case "string":
        return operand.value;
      case "dot":
        return scope.dot;
      case "number":
        return this.#constant(operand);
      case "nil":
      default:
        return undefined;
    }
  }

  /** The type of a number comes from how it is written. */
  #constant(number: NumberLiteral): GoValue {
    const { text, int, float } = number;
    const isHex = /^0[xX]/.test(text);
    if (float !== undefined && !isHex && !text.startsWith("'") && /[.eE]/.test(text)) return float;
    if (int === undefined) return float;
    if (int > 0x7fff_ffff_ffff_ffffn) throw this.error(`${text} overflows int`);
    return int;
  }

  /** `whole` is what an error of a function that was called is about. */
  #callable(operand: Callable, scope: Scope, args: CallArguments, whole: Node = operand): GoValue {
    this.at(operand);
    switch (operand.type) {
      case "field":
        return this.#fields(operand, scope, { receiver: scope.dot, names: operand.names, args });
      case "variable": {
        const variable = scope.variables.findLast(({ name }) => name === operand.name);
        if (variable === undefined) throw this.error(`undefined variable: ${operand.name}`);
        if (operand.names.length === 0) {
          this.#refuseArguments(operand, args);
          return variable.value;
        }
        return this.#fields(operand, scope, { receiver: variable.value, names: operand.names, args });
      }
      case "chain": {
        if (operand.of.type === "nil") throw this.error(`indirection through explicit nil in ${sourceOf(operand)}`);
        const receiver = this.operand(operand.of, scope);
        return this.#fields(operand, scope, { receiver, names: operand.names, args });
      }
      case "identifier":
      default: {
        const found = this.#functions.get(operand.name);
        if (found === undefined) throw this.error(`${JSON.stringify(operand.name)} is not a defined function`);
        return this.call(operand.name, found, { scope, args, node: whole });
      }
    }
  }

  #fields(
    node: Node,
    scope: Scope,
    chain: { readonly receiver: GoValue; readonly names: readonly string[]; readonly args: CallArguments },
  ): GoValue {
    let receiver = chain.receiver;
    for (const [index, name] of chain.names.entries()) {
      const args = index === chain.names.length - 1 ? chain.args : noArguments;
      receiver = fieldOf(this, receiver, { name, args, scope, node });
    }
    return receiver;
  }

  /** Calls a function or method after its arguments were counted, evaluated and held against its parameters. */
  call(
    name: string,
    callee: TemplateFunction,
    { scope, args, node }: { readonly scope: Scope; readonly args: CallArguments; readonly node: Node },
  ): GoValue {
    const { words, final } = args;
    const given = words.length + (final === undefined ? 0 : 1);
    const { parameters, variadic = false } = callee;
    const fixed = variadic ? parameters.length - 1 : parameters.length;
    if (variadic && given < fixed) throw this.error(`wrong number of args for ${name}: want at least ${fixed} got ${words.length}`);
    if (!variadic && given !== fixed) throw this.error(`wrong number of args for ${name}: want ${fixed} got ${given}`);
    if (name === "and" || name === "or") return this.#shortCircuit(name, scope, args);
    const parameterAt = (index: number): Parameter => parameters[Math.min(index, parameters.length - 1)] ?? "any";
    const values = words.map((word, index) => argumentOf(this, word, { parameter: parameterAt(index), scope }));
    if (name === "call") return this.#callNothing(words[0] === undefined ? "" : sourceOf(words[0]), values[0], node);
    if (final !== undefined) values.push(fitted(this, final.value, parameterAt(words.length)));
    try {
      return callee.call(values);
    } catch (error) {
      this.at(node);
      throw this.error(`error calling ${name}: ${messageOf(error)}`, error);
    }
  }

  /** Values of templates are never functions, so there is nothing to call. */
  #callNothing(source: string, callee: GoValue, node: Node): never {
    this.at(node);
    const value = unwrapInterface(callee);
    throw this.error(
      value === undefined ? "error calling call: call of nil" : `error calling call: non-function ${source} of type ${typeOf(value).name}`,
    );
  }

  #shortCircuit(name: "and" | "or", scope: Scope, { words, final }: CallArguments): GoValue {
    let value: GoValue;
    for (const word of words) {
      value = argumentOf(this, word, { parameter: "value", scope });
      if (isTrue(unwrapInterface(value)) === (name === "or")) return value;
    }
    return final === undefined ? value : final.value;
  }
}
