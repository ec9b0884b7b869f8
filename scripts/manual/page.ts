// One page of the manual in man(7), which every man(1) reads.
import { product } from "#base";
import type { Flag } from "../../src/cli/flag.ts";

export interface Page {
  /** "gantry-run" */
  readonly name: string;
  readonly section: "1" | "8";
  /** What apropos(1) shows. */
  readonly summary: string;
  readonly parts: readonly Part[];
}

export interface Part {
  readonly title: string;
  /** Each is a paragraph, or a term with what it means. */
  readonly body: readonly (string | Meaning)[];
}

/** A term, already marked up, and what it means. */
interface Meaning {
  readonly term: string;
  readonly text: string;
}

export function formatPage({ name, section, summary, parts }: Page): string {
  const head = [
    '.\\" Written from the code: bun scripts/docs.ts --man.',
    `.TH ${escaped(name.toUpperCase())} ${section} "" "Gantry ${product.version}" "Gantry manual"`,
    ".SH NAME",
    `${escaped(name)} \\- ${escaped(summary)}`,
  ];
  return `${[...head, ...parts.flatMap(formatPart)].join("\n")}\n`;
}

/** A page under another name that shows this one. */
export function pointer(target: string): string {
  return `.so man1/${target}.1\n`;
}

/** The options of a command, by name. */
export function optionsPart(title: string, flags: readonly Flag[]): readonly Part[] {
  const shown = flags.filter((flag) => flag.hidden !== true).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return shown.length === 0 ? [] : [{ title, body: shown.map((flag) => ({ term: flagTerm(flag), text: meaningOf(flag) })) }];
}

export function bold(text: string): string {
  return `\\fB${escaped(text)}\\fR`;
}

/** Text as roff shows it: what it would read as its own is made plain. */
export function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replaceAll(/^(?=[.'])/gm, "\\&");
}

function formatPart({ title, body }: Part): string[] {
  return [`.SH ${escaped(title.toUpperCase())}`, ...body.flatMap((item, index) => formatItem(item, index === 0))];
}

function formatItem(item: string | Meaning, first: boolean): string[] {
  if (typeof item !== "string") return [".TP", item.term, ...escaped(item.text).split("\n").flatMap(brokenLine)];
  const lines = item.split("\n");
  // Lines that were laid out stay as they are.
  const body = lines.length > 1 ? [".nf", ...lines, ".fi"] : lines;
  return first ? body : [".PP", ...body];
}

function brokenLine(line: string, index: number): string[] {
  return index === 0 ? [line] : [".br", line];
}

function flagTerm({ name, short, valueName }: Flag): string {
  const value = valueName === "" ? "" : ` \\fI${escaped(valueName)}\\fR`;
  return `${short === undefined ? "" : `${bold(`-${short}`)}, `}${bold(`--${name}`)}${value}`;
}

function meaningOf({ usage, fallback = "", kind }: Flag): string {
  const shown = fallback === "" || fallback === "[]" || (kind === "bool" && fallback === "false") ? "" : ` (default ${fallback})`;
  return `${usage}${shown}`;
}
