// What an engine says of a container, as facts: one a leaf of its inspect document.
import type { Reading } from "./facts.ts";

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Document = Readonly<Record<string, Json>>;

const shown = ["Name", "Path", "Args", "Config", "HostConfig", "AppArmorProfile", "Platform", "RestartCount"];
const state = ["Status", "ExitCode", "Error", "OOMKilled"];
const endpoint = ["IPAMConfig", "Links", "Aliases", "DriverOpts", "GwPriority", "DNSNames"];

export function inspectFacts(reading: Reading, container: object): void {
  const document = container as Document;
  for (const name of shown) leaves(reading, `inspect/${name}`, document[name]);
  const states = document["State"] as Document;
  for (const name of state) leaves(reading, `inspect/State/${name}`, states[name]);
  const settings = document["NetworkSettings"] as Document;
  for (const [network, values] of Object.entries((settings["Networks"] ?? {}) as Readonly<Record<string, Document>>)) {
    reading.add("inspect/networks", network);
    for (const name of endpoint) leaves(reading, `inspect/Networks/${network}/${name}`, values[name]);
  }
  for (const mount of (document["Mounts"] ?? []) as readonly Document[]) {
    for (const [name, value] of Object.entries(mount))
      leaves(reading, `inspect/Mounts/${JSON.stringify(mount["Destination"]).slice(1, -1)}/${name}`, value);
  }
}

/** Nothing, an empty list and an empty object are the same here; the contract table keeps them apart. */
function leaves(reading: Reading, path: string, value: Json | undefined): void {
  if (value === undefined || value === null || value === "") return;
  if (Array.isArray(value)) {
    if (value.length > 0) reading.add(path, JSON.stringify(value));
  } else if (typeof value === "object") {
    for (const [key, part] of Object.entries(value)) leaves(reading, `${path}/${key}`, part);
    if (path.endsWith("Volumes") || path.endsWith("ExposedPorts")) for (const key of Object.keys(value).toSorted()) reading.add(path, key);
  } else {
    reading.add(path, String(value));
  }
}
