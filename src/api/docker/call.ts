import type { Verbs } from "#engine";
import type { ApiVersion, QueryOf, RouteName, Routes } from "#wire";
import type { Exchange } from "./exchange.ts";
import type { Identity } from "./identity.ts";

/** One request to a known route, ready to be answered. */
export interface Call<Name extends RouteName = RouteName> {
  readonly verbs: Verbs;
  readonly identity: Identity;
  readonly params: Readonly<Record<string, string>>;
  readonly query: QueryOf<Routes[Name]>;
  readonly version: ApiVersion;
  readonly exchange: Exchange;
}

/** Translates between wire and verb. What it throws becomes an error reply, or ends the stream when one has begun. */
export type Handler<Name extends RouteName> = (call: Call<Name>) => Promise<void> | void;

export type Handlers<Names extends RouteName = RouteName> = { readonly [Name in Names]: Handler<Name> };
