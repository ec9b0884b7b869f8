import { fault } from "#base";
import type { WaitCondition } from "#engine";
import { createRequest, downgrade, hostConfig, knows } from "#wire";
import type { Call, Handlers } from "../call.ts";
import { readContainerFilters } from "../container-filters.ts";
import { specOf } from "../create-spec.ts";
import { manifestsOf } from "../image-manifests.ts";
import { platformOfText } from "../platform.ts";
import { readExtent } from "../query.ts";
import { inspectContainer } from "../views/container.ts";
import { encodeSummaries, unmeasured } from "../views/summaries.ts";

export const containerRoutes: Handlers<
  | "containerList"
  | "containerCreate"
  | "containerInspect"
  | "containerStart"
  | "containerStop"
  | "containerRestart"
  | "containerKill"
  | "containerWait"
  | "containerRename"
  | "containerRemove"
  | "containerResize"
> = {
  containerList: list,
  containerCreate: create,
  containerWait: wait,
  containerInspect: inspect,
  containerStart: async ({ exchange, params, query, verbs }) => {
    // A body of {} or null was sent by old clients and says nothing.
    if ((await exchange.bodyLength()) > 7)
      throw fault("invalid", "starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24");
    if (query.checkpoint !== undefined && query.checkpoint !== "")
      throw fault("unsupported", "query parameter checkpoint of POST /containers/{id}/start is not implemented");
    await verbs.containers.start(params["name"] ?? "");
    exchange.done(204);
  },
  containerStop: async ({ exchange, params, query, verbs, version }) => {
    await verbs.containers.stop(params["name"] ?? "", stopOptions(query, knows(version, "signalOfStop")));
    exchange.done(204);
  },
  containerRestart: async ({ exchange, params, query, verbs, version }) => {
    await verbs.containers.restart(params["name"] ?? "", stopOptions(query, knows(version, "signalOfStop")));
    exchange.done(204);
  },
  containerKill: async ({ exchange, params, query, verbs }) => {
    await verbs.containers.kill(params["name"] ?? "", query.signal === undefined || query.signal === "" ? "SIGKILL" : query.signal);
    exchange.done(204);
  },
  containerRename: async ({ exchange, params, query, verbs }) => {
    await verbs.containers.rename(params["name"] ?? "", (query.name ?? "").replace(/^\//, ""));
    exchange.done(204);
  },
  containerRemove: async ({ exchange, params, query, verbs }) => {
    if (query.link) throw fault("unsupported", "query parameter link of DELETE /containers/{id} is not implemented");
    await verbs.containers.remove(params["name"] ?? "", { force: query.force, volumes: query.v });
    exchange.done(204);
  },
  containerResize: async ({ exchange, params, query, verbs }) => {
    const size = { rows: readExtent("height", query.h), columns: readExtent("width", query.w) };
    await verbs.containers.resize(params["name"] ?? "", size);
    exchange.done(200);
  },
};

async function list({ exchange, query, verbs, version }: Call<"containerList">): Promise<void> {
  const limit = query.limit !== undefined && query.limit > 0 ? query.limit : undefined;
  const filters = readContainerFilters(query.filters);
  const found = verbs.containers.list({ all: query.all, ...(limit !== undefined && { limit }), filters });
  const sizes = query.size ? await verbs.containers.sizes(found.map(({ container }) => container.id)) : undefined;
  const manifestOf = manifestsOf(verbs);
  const entries = found.map((listed, index) => ({
    listed,
    manifest: manifestOf(listed),
    ...(sizes !== undefined && { size: sizes[index] ?? unmeasured }),
  }));
  exchange.replyBytes(200, encodeSummaries(entries, version, Date.now()));
}

async function inspect({ exchange, params, query, verbs, version }: Call<"containerInspect">): Promise<void> {
  const view = verbs.containers.get(params["name"] ?? "");
  const [size = unmeasured] = query.size ? await verbs.containers.sizes([view.container.id]) : [];
  const { cgroup, defaultRuntime, securityOptions } = verbs.system.info();
  const facts = {
    defaults: { cgroupVersion: cgroup.version, runtime: defaultRuntime },
    manifest: manifestsOf(verbs)(view),
    size: query.size ? size : undefined,
    hasAppArmor: securityOptions.includes("name=apparmor"),
  };
  exchange.reply(200, downgrade("containerInspect", inspectContainer(view, facts), version));
}

async function create({ exchange, query, verbs, version }: Call<"containerCreate">): Promise<void> {
  const document = await exchange.json(createRequest);
  if (document === undefined) throw fault("invalid", "invalid JSON: got EOF while reading request body");
  const info = verbs.system.info();
  // A body that says nothing of a container of its own is taken for a mistake.
  if ([...document.present].every((field) => field === "HostConfig" || field === "NetworkingConfig"))
    throw fault("invalid", "config cannot be empty in order to create a container");
  const { spec, warnings } = specOf(document, {
    version,
    runtimes: Object.keys(info.runtimes),
    noHostConfig: hostConfig.zero,
  });
  if (spec.image === "") throw fault("invalid", "no command specified");
  const platform = knows(version, "platformOfCreate") ? platformOfText(query.platform) : undefined;
  const name = query.name ?? "";
  const created = await verbs.containers.create({
    ...(name !== "" && { name: name.replace(/^\//, "") }),
    spec,
    ...(platform !== undefined && { platform }),
  });
  exchange.reply(201, { Id: created.id, Warnings: [...warnings, ...created.warnings] });
}

/** The head goes out as soon as the wait stands, so that a client may start the container knowing that it will hear. */
async function wait({ exchange, params, query, verbs, version }: Call<"containerWait">): Promise<void> {
  const condition = waitCondition(knows(version, "waitConditions") ? (query.condition ?? "") : "");
  const waiting = verbs.containers.wait(params["name"] ?? "", condition, exchange.signal);
  const sink = exchange.begin("application/json");
  const { code, error } = await waiting.result;
  sink.end(`${JSON.stringify({ StatusCode: code, ...(error !== undefined && { Error: { Message: error } }) })}\n`);
}

function waitCondition(text: string): WaitCondition {
  if (text === "") return "not-running";
  if (text === "not-running" || text === "next-exit" || text === "removed") return text;
  throw fault("invalid", `invalid condition: ${JSON.stringify(text)}`);
}

function stopOptions(query: Call<"containerStop">["query"], withSignal: boolean): { readonly signal?: string; readonly timeout?: number } {
  const signal = withSignal && query.signal !== "" ? query.signal : undefined;
  return { ...(signal !== undefined && { signal }), ...(query.t !== undefined && { timeout: query.t }) };
}
