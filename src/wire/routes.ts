/** How a query parameter is read: `flag` by Docker's truth ("", "0", "no", "false", "none" are false), `flag-on` is true where it is absent, `int` by strconv.Atoi. */
export type QueryKind = "flag" | "flag-on" | "int" | "text" | "texts";

export interface RouteContract {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE" | "OPTIONS";
  /** Below the version prefix; `{name}` takes the rest up to what follows it, slashes included. */
  readonly path: string;
  readonly query: Readonly<Record<string, QueryKind>>;
}

interface QueryValues {
  readonly flag: boolean;
  readonly "flag-on": boolean;
  readonly int: number | undefined;
  readonly text: string | undefined;
  readonly texts: readonly string[];
}

/** What a handler gets of a route's query. */
export type QueryOf<Contract extends RouteContract> = {
  readonly [Name in keyof Contract["query"]]: QueryValues[Contract["query"][Name]];
};

/** Every route that does something: server and client are written against this table. */
export const routes = {
  ping: { method: "GET", path: "/_ping", query: {} },
  pingHead: { method: "HEAD", path: "/_ping", query: {} },
  version: { method: "GET", path: "/version", query: {} },
  info: { method: "GET", path: "/info", query: {} },
  events: { method: "GET", path: "/events", query: { since: "text", until: "text", filters: "text" } },
  login: { method: "POST", path: "/auth", query: {} },
  systemCheck: { method: "POST", path: "/gantry/v1/system/check", query: { repair: "flag" } },
  systemUsage: { method: "GET", path: "/system/df", query: { type: "texts" } },
  buildPrune: { method: "POST", path: "/build/prune", query: { filters: "text" } },
  networkCreate: { method: "POST", path: "/networks/create", query: {} },
  networkConnect: { method: "POST", path: "/networks/{name}/connect", query: {} },
  networkDisconnect: { method: "POST", path: "/networks/{name}/disconnect", query: {} },
  networkRemove: { method: "DELETE", path: "/networks/{name}", query: {} },
  networkPrune: { method: "POST", path: "/networks/prune", query: { filters: "text" } },
  networkList: { method: "GET", path: "/networks", query: { filters: "text" } },
  networkListBelow: { method: "GET", path: "/networks/", query: { filters: "text" } },
  networkInspect: { method: "GET", path: "/networks/{name}", query: { verbose: "flag", scope: "text" } },
  volumePrune: { method: "POST", path: "/volumes/prune", query: { filters: "text" } },
  volumeList: { method: "GET", path: "/volumes", query: { filters: "text" } },
  volumeCreate: { method: "POST", path: "/volumes/create", query: {} },
  volumeInspect: { method: "GET", path: "/volumes/{name}", query: {} },
  volumeRemove: { method: "DELETE", path: "/volumes/{name}", query: { force: "flag" } },
  volumeRename: { method: "POST", path: "/gantry/v1/volumes/{name}/rename", query: { name: "text" } },
  volumeClone: { method: "POST", path: "/gantry/v1/volumes/{name}/clone", query: { name: "text" } },
  volumeExport: { method: "GET", path: "/gantry/v1/volumes/{name}/archive", query: {} },
  volumeImport: { method: "PUT", path: "/gantry/v1/volumes/{name}/archive", query: {} },
  pluginList: { method: "GET", path: "/plugins", query: {} },

  imageList: {
    method: "GET",
    path: "/images/json",
    query: { all: "flag", filters: "text", "shared-size": "flag", manifests: "flag" },
  },
  imageInspect: { method: "GET", path: "/images/{name}/json", query: { manifests: "flag", platform: "text" } },
  imageHistory: { method: "GET", path: "/images/{name}/history", query: { platform: "text" } },
  imageSearch: { method: "GET", path: "/images/search", query: { term: "text", limit: "text", filters: "text" } },
  manifestInspect: { method: "GET", path: "/gantry/v1/manifests/{name}", query: {} },
  manifestPublish: { method: "PUT", path: "/gantry/v1/manifests/{name}", query: {} },
  distribution: { method: "GET", path: "/distribution/{name}/json", query: {} },
  imageTag: { method: "POST", path: "/images/{name}/tag", query: { repo: "text", tag: "text" } },
  imagePush: { method: "POST", path: "/images/{name}/push", query: { tag: "text", platform: "text" } },
  imageRemove: { method: "DELETE", path: "/images/{name}", query: { force: "flag", noprune: "flag", platforms: "texts" } },
  imagePrune: { method: "POST", path: "/images/prune", query: { filters: "text" } },
  imageLoad: { method: "POST", path: "/images/load", query: { quiet: "flag", platform: "text" } },
  imagesSave: { method: "GET", path: "/images/get", query: { names: "texts", platform: "text" } },
  imageSave: { method: "GET", path: "/images/{name}/get", query: { platform: "text" } },
  imageCreate: {
    method: "POST",
    path: "/images/create",
    query: { fromImage: "text", fromSrc: "text", repo: "text", tag: "text", platform: "text", message: "text", changes: "texts" },
  },

  containerList: { method: "GET", path: "/containers/json", query: { all: "flag", limit: "int", size: "flag", filters: "text" } },
  containerPrune: { method: "POST", path: "/containers/prune", query: { filters: "text" } },
  containerCreate: { method: "POST", path: "/containers/create", query: { name: "text", platform: "text" } },
  containerInspect: { method: "GET", path: "/containers/{name}/json", query: { size: "flag" } },
  containerStart: { method: "POST", path: "/containers/{name}/start", query: { checkpoint: "text", detachKeys: "text" } },
  containerStop: { method: "POST", path: "/containers/{name}/stop", query: { signal: "text", t: "int" } },
  containerRestart: { method: "POST", path: "/containers/{name}/restart", query: { signal: "text", t: "int" } },
  containerKill: { method: "POST", path: "/containers/{name}/kill", query: { signal: "text" } },
  containerPause: { method: "POST", path: "/containers/{name}/pause", query: {} },
  containerUnpause: { method: "POST", path: "/containers/{name}/unpause", query: {} },
  containerTop: { method: "GET", path: "/containers/{name}/top", query: { ps_args: "text" } },
  containerStats: { method: "GET", path: "/containers/{name}/stats", query: { stream: "flag-on", "one-shot": "flag" } },
  containerWait: { method: "POST", path: "/containers/{name}/wait", query: { condition: "text" } },
  containerUpdate: { method: "POST", path: "/containers/{name}/update", query: {} },
  containerRename: { method: "POST", path: "/containers/{name}/rename", query: { name: "text" } },
  containerRemove: { method: "DELETE", path: "/containers/{name}", query: { v: "flag", force: "flag", link: "flag" } },
  containerLogs: {
    method: "GET",
    path: "/containers/{name}/logs",
    query: {
      follow: "flag",
      stdout: "flag",
      stderr: "flag",
      since: "text",
      until: "text",
      timestamps: "flag",
      tail: "text",
      details: "flag",
    },
  },
  containerAttach: {
    method: "POST",
    path: "/containers/{name}/attach",
    query: { detachKeys: "text", logs: "flag", stream: "flag", stdin: "flag", stdout: "flag", stderr: "flag" },
  },
  containerAttachWebSocket: {
    method: "GET",
    path: "/containers/{name}/attach/ws",
    query: { detachKeys: "text", logs: "flag", stream: "flag", stdin: "flag", stdout: "flag", stderr: "flag" },
  },
  containerPathStatus: { method: "HEAD", path: "/containers/{name}/archive", query: { path: "text" } },
  containerReadPath: { method: "GET", path: "/containers/{name}/archive", query: { path: "text" } },
  containerWritePath: {
    method: "PUT",
    path: "/containers/{name}/archive",
    query: { path: "text", noOverwriteDirNonDir: "flag", copyUIDGID: "flag" },
  },
  containerExport: { method: "GET", path: "/containers/{name}/export", query: {} },
  containerChanges: { method: "GET", path: "/containers/{name}/changes", query: {} },
  commit: {
    method: "POST",
    path: "/commit",
    query: { container: "text", repo: "text", tag: "text", comment: "text", author: "text", pause: "flag-on", changes: "texts" },
  },
  containerResize: { method: "POST", path: "/containers/{name}/resize", query: { h: "text", w: "text" } },

  execCreate: { method: "POST", path: "/containers/{name}/exec", query: {} },
  execStart: { method: "POST", path: "/exec/{id}/start", query: {} },
  execInspect: { method: "GET", path: "/exec/{id}/json", query: {} },
  execResize: { method: "POST", path: "/exec/{id}/resize", query: { h: "text", w: "text" } },
} as const satisfies Record<string, RouteContract>;

export type RouteName = keyof typeof routes;
export type Routes = typeof routes;
