import type { Evaluator, Scope } from "./evaluator.ts";
import { accepts, parameterName, stringsType, type Parameter } from "./function.ts";
import { sourceOf, type Operand } from "./node.ts";
import { GoInterface, GoPointer, GoSlice, typeOf, type GoValue } from "./value.ts";

/** The value of a word where a parameter takes it. @throws TemplateError */
export function argumentOf(
  evaluator: Evaluator,
  word: Operand,
  { parameter, scope }: { readonly parameter: Parameter; readonly scope: Scope },
): GoValue {
  evaluator.at(word);
  if (word.type === "bool" || word.type === "string" || word.type === "number") {
    return literalArgument(evaluator, word, { parameter, scope });
  }
  if (word.type !== "nil") return fitted(evaluator, evaluator.operand(word, scope), parameter);
  if (parameter === "string" || parameter === "int") throw evaluator.error(`cannot assign nil to ${parameter}`);
  return fitted(evaluator, undefined, parameter);
}

function literalArgument(
  evaluator: Evaluator,
  word: Operand & { readonly type: "bool" | "string" | "number" },
  { parameter, scope }: { readonly parameter: Parameter; readonly scope: Scope },
): GoValue {
  switch (parameter) {
    case "value":
    case "any":
      return evaluator.literal(word, scope);
    case "string":
      if (word.type === "string") return word.value;
      throw evaluator.error(`expected string; found ${sourceOf(word)}`);
    case "int":
      if (word.type === "number" && word.int !== undefined) return word.int;
      throw evaluator.error(`expected integer; found ${sourceOf(word)}`);
    case "[]string":
    default:
      throw evaluator.error(`can't handle ${sourceOf(word)} for arg of type []string`);
  }
}

/** A value in the form that a parameter takes: unwrapped or followed once where that makes it fit. @throws TemplateError */
export function fitted(evaluator: Evaluator, value: GoValue, parameter: Parameter): GoValue {
  if (value === undefined) {
    if (parameter === "value") return undefined;
    if (parameter === "any") return new GoInterface(undefined);
    if (parameter === "[]string") return new GoSlice(stringsType, undefined);
    throw evaluator.error(`invalid value; expected ${parameter}`);
  }
  if (accepts(parameter, typeOf(value))) return value;
  const inner = value instanceof GoInterface && value.value !== undefined ? value.value : value;
  if (accepts(parameter, typeOf(inner))) return inner;
  if (inner instanceof GoPointer && inner.type.element !== undefined && accepts(parameter, inner.type.element)) {
    if (inner.target !== undefined) return inner.target;
    throw evaluator.error(`dereference of nil pointer of type ${parameterName(parameter)}`);
  }
  throw evaluator.error(`wrong type for value; expected ${parameterName(parameter)}; got ${typeOf(inner).name}`);
}
