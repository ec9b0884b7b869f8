import { printed } from "./print.ts";
import {
  compareBytes,
  GoInterface,
  GoMap,
  GoPointer,
  GoSlice,
  kindOf,
  scalarOf,
  typeOf,
  unwrapInterface,
  type GoValue,
  type Scalar,
} from "./value.ts";

const badType = "invalid type for comparison";
const incompatible = "incompatible types for comparison";

type BasicKind = "bool" | "int" | "float" | "string";

/** Signed and unsigned numbers compare by value, so they are of one kind here. */
function basicKind(value: GoValue): BasicKind | undefined {
  const kind = kindOf(value);
  if (kind === "uint") return "int";
  return kind === "bool" || kind === "int" || kind === "float" || kind === "string" ? kind : undefined;
}

/** eq: true when the first equals one of the others. @throws Error in Go's words */
export function equalsAny(first: GoValue, others: readonly GoValue[]): boolean {
  if (others.length === 0) throw new Error("missing argument for comparison");
  const left = unwrapInterface(first);
  return others.some((other) => equals(left, unwrapInterface(other)));
}

function equals(left: GoValue, right: GoValue): boolean {
  const kind = basicKind(left);
  if (kind !== basicKind(right)) {
    if (left !== undefined && right !== undefined) throw new Error(incompatible);
    return false;
  }
  if (kind !== undefined) return scalarOf(left) === scalarOf(right);
  if (left !== undefined && right !== undefined && kindOf(left) !== kindOf(right)) {
    throw new Error(`non-comparable types ${printed(left)}: ${typeOf(left).name}, ${typeOf(right).name}: ${printed(right)}`);
  }
  if (isNil(left) || isNil(right)) return isNil(left) === isNil(right);
  if (right !== undefined && !isComparable(right)) throw new Error(`non-comparable type ${printed(right)}: ${typeOf(right).name}`);
  return left === right;
}

function isComparable(value: GoValue): boolean {
  return !(value instanceof GoMap) && !(value instanceof GoSlice);
}

function isNil(value: GoValue): boolean {
  if (value === undefined) return true;
  if (value instanceof GoPointer) return value.target === undefined;
  if (value instanceof GoInterface) return value.value === undefined;
  return (value instanceof GoMap || value instanceof GoSlice) && value.isNil;
}

/** lt. @throws Error in Go's words */
export function isLess(first: GoValue, second: GoValue): boolean {
  const left = unwrapInterface(first);
  const right = unwrapInterface(second);
  const kind = basicKind(left);
  if (kind === undefined || basicKind(right) === undefined) throw new Error(badType);
  if (kind !== basicKind(right) && left !== undefined && right !== undefined) throw new Error(incompatible);
  if (kind === "bool") throw new Error(badType);
  return precedes(scalarOf(left) ?? "", scalarOf(right) ?? "");
}

function precedes(left: Scalar, right: Scalar): boolean {
  return typeof left === "string" && typeof right === "string" ? compareBytes(left, right) < 0 : left < right;
}
