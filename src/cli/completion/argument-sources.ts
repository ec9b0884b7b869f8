import { containers, contexts, either, images, inOrder, networks, repositories, running, volumes } from "./sources.ts";
import { choice, files, nothing, type Source } from "./suggestion.ts";

const startable = containers("created", "exited");

/** What the arguments of a command are, by the last form of its path. A command that is not here takes files. */
const sources: Readonly<Record<string, Source>> = {
  attach: inOrder(running),
  commit: inOrder(containers(), repositories),
  completion: inOrder(choice("bash", "fish", "zsh")),
  create: inOrder(images),
  diff: inOrder(containers()),
  exec: inOrder(running),
  export: inOrder(containers()),
  history: inOrder(images),
  images: inOrder(repositories),
  import: inOrder(files, repositories),
  inspect: either(containers(), images),
  kill: running,
  login: nothing,
  logout: nothing,
  logs: inOrder(containers()),
  pause: running,
  port: inOrder(running),
  pull: nothing,
  push: inOrder(images),
  rename: inOrder(containers(), nothing),
  restart: containers(),
  rm: containers("created", "exited", "dead"),
  rmi: images,
  run: inOrder(images),
  save: images,
  search: nothing,
  start: startable,
  stats: containers("running", "paused"),
  stop: containers("running", "paused"),
  tag: inOrder(images, images),
  top: inOrder(running),
  unpause: containers("paused"),
  wait: running,
  "container inspect": containers(),
  "manifest annotate": nothing,
  "manifest create": nothing,
  "manifest inspect": nothing,
  "manifest push": nothing,
  "manifest rm": nothing,
  "image inspect": images,
  "network connect": inOrder(networks, running),
  "network create": nothing,
  "network disconnect": inOrder(networks, running),
  "network inspect": networks,
  "network rm": networks,
  "volume create": nothing,
  "volume inspect": volumes,
  "volume rm": volumes,
  "volume mv": inOrder(volumes, nothing),
  "volume clone": inOrder(volumes, nothing),
  "volume export": inOrder(volumes),
  "volume import": inOrder(volumes, files),
  "context create": nothing,
  "context export": inOrder(contexts, files),
  "context import": inOrder(nothing, files),
  "context inspect": contexts,
  "context rm": contexts,
  "context update": inOrder(contexts),
  "context use": inOrder(contexts),
};

/** The source for a command that is known under these paths and takes at most `max` arguments. */
export function argumentSource(paths: readonly string[], max: number): Source {
  if (max === 0) return nothing;
  const path = paths.find((candidate) => candidate in sources);
  return path === undefined ? files : (sources[path] ?? files);
}
