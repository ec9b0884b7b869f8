import { filters, sample, type Scenario } from "../scenario.ts";

/** The networks that always stand. Several at once come in any order from Docker, so lists are asked for one. */
export const networks: Scenario = {
  name: "networks",
  versions: sample,
  steps: [
    { title: "bridge", ask: "GET /networks/bridge", keep: { id: "Id" } },
    { title: "bridge by its id", ask: "GET /networks/{id}?verbose=1&scope=local" },
    { title: "host", ask: "GET /networks/host" },
    { title: "none", ask: "GET /networks/none" },
    { title: "in another scope", ask: "GET /networks/bridge?scope=swarm" },
    { title: "nobody", ask: "GET /networks/nobody" },
    { title: "list of a driver", ask: `GET /networks?${filters({ driver: ["bridge"] })}` },
    { title: "list below", ask: `GET /networks/?${filters({ name: ["^no"], type: ["builtin"], scope: ["local"] })}` },
    { title: "list by id", ask: `GET /networks?${filters({ id: ["{id}"], dangling: ["0"] })}` },
    { title: "list of those that somebody made", ask: `GET /networks?${filters({ type: ["custom"] })}` },
    { title: "list of those that dangle", ask: `GET /networks?${filters({ dangling: ["true"] })}` },
    { title: "list with a label", ask: `GET /networks?${filters({ label: ["a=b"] })}` },
    { title: "list of another scope", ask: `GET /networks?${filters({ scope: ["swarm"] })}` },
    { title: "list of a type that is none", ask: `GET /networks?${filters({ type: ["wide"] })}` },
    { title: "list of what dangles a little", ask: `GET /networks?${filters({ dangling: ["x"] })}` },
    { title: "list by a filter that is none", ask: `GET /networks?${filters({ colour: ["red"] })}` },
    { title: "list by filters that are none", ask: "GET /networks?filters=x" },
    { title: "create", ask: "POST /containers/create?name=networked", body: { Image: "busybox", Cmd: ["sleep", "1000"] } },
    { title: "start", ask: "POST /containers/networked/start" },
    { title: "bridge with a container", ask: "GET /networks/bridge" },
    { title: "list with a container", ask: `GET /networks?${filters({ name: ["bridge"] })}` },
    { title: "containers of the network", ask: `GET /containers/json?${filters({ network: ["{id}"] })}` },
    { title: "remove", ask: "DELETE /containers/networked?force=1" },
  ],
};
