import { placed, stringType, sliceOf, typeOf, type GoType, type GoValue } from "./value.ts";

/** What a parameter takes: `value` anything as it is, `any` anything as an interface{}, the others only their type. */
export type Parameter = "value" | "any" | "string" | "int" | "[]string";

/** A function that templates may call. What it throws becomes `error calling NAME: ...`. */
export interface TemplateFunction {
  readonly parameters: readonly Parameter[];
  /** The last parameter may be given many times, or not at all. */
  readonly variadic?: boolean;
  readonly call: (args: readonly GoValue[]) => GoValue;
}

/** True when a value of that type may be handed over as it is. */
export function accepts(parameter: Parameter, type: GoType): boolean {
  if (parameter === "value" || parameter === "any") return true;
  return parameter === "[]string" ? type.kind === "slice" && type.element?.name === "string" : type.name === parameter;
}

/** How an error calls what a parameter takes. */
export function parameterName(parameter: Parameter): string {
  return parameter === "any" ? "interface {}" : parameter;
}

/** The type of a slice of strings, as split returns it. */
export const stringsType: GoType = sliceOf(stringType);

/** A value as a part of another: in a place of type interface{} it is wrapped. */
export function element(owner: GoType, value: GoValue): GoValue {
  return placed(owner.element, value);
}

export function typeName(value: GoValue): string {
  return value === undefined ? "<nil>" : typeOf(value).name;
}
