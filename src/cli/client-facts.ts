import { product } from "#base";
import { newestApiVersion } from "#client";

/** What this program says of itself, by Docker's names. */
export interface ClientFacts {
  readonly Platform: { readonly Name: string };
  readonly Version: string;
  readonly ApiVersion: string;
  readonly DefaultAPIVersion: string;
  readonly GitCommit: string;
  /** What it was compiled with: scripts look for this key. */
  readonly GoVersion: string;
  readonly Os: string;
  readonly Arch: string;
  readonly Context: string;
}

export function clientFacts(apiVersion: string, context: string): ClientFacts {
  return {
    Platform: { Name: "Gantry" },
    Version: product.version,
    ApiVersion: apiVersion,
    DefaultAPIVersion: newestApiVersion,
    GitCommit: product.commit,
    GoVersion: `bun${Bun.version}`,
    Os: "linux",
    Arch: process.arch === "x64" ? "amd64" : process.arch,
    Context: context,
  };
}
