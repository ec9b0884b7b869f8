import type { DockerCalls } from "#client";
import type { ConfigFile } from "../config-file.ts";

/** What the shell shall do beside showing the values: cobra's numbers, which every script for Docker's command line knows. */
export const directives = { files: 0, failed: 1, noSpace: 2, noFiles: 4 } as const;

export const directiveNames: Readonly<Record<number, string>> = {
  0: "ShellCompDirectiveDefault",
  1: "ShellCompDirectiveError",
  2: "ShellCompDirectiveNoSpace",
  4: "ShellCompDirectiveNoFileComp",
  6: "ShellCompDirectiveNoSpace, ShellCompDirectiveNoFileComp",
};

export interface Suggestion {
  readonly value: string;
  readonly description?: string;
}

export interface Suggestions {
  readonly values: readonly Suggestion[];
  readonly directive: number;
}

/** What is known where a word is completed. */
export interface Situation {
  /** The word so far. */
  readonly word: string;
  /** Arguments of the command before it. */
  readonly taken: readonly string[];
  readonly config: ConfigFile;
  readonly context: string;
  /** @throws when the daemon cannot be known */
  readonly client: () => DockerCalls;
}

/** Where values come from. What it throws becomes the directive that says so. */
export type Source = (situation: Situation) => Suggestions | Promise<Suggestions>;

/** Values, and no files beside them. */
export function only(values: readonly (string | Suggestion)[], directive: number = directives.noFiles): Suggestions {
  return { values: values.map((value) => (typeof value === "string" ? { value } : value)), directive };
}

export const nothing: Source = () => only([]);
export const files: Source = () => ({ values: [], directive: directives.files });
export const choice =
  (...values: readonly string[]): Source =>
  () =>
    only(values);
