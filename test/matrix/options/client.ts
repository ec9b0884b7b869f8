import { also, one, type Option, refused, silent } from "../option.ts";

export const clientOptions: readonly Option[] = [
  also("--attach stdout", "inspect/Config/AttachStderr", { claims: ["detach", "log-driver"] }),
  also("-a stderr", "inspect/Config/AttachStderr printed", { claims: ["detach", "log-driver"] }),
  refused("--attach nonsense", { claims: ["detach"] }),
  one("--interactive", "inspect/Config/OpenStdin", { claims: ["tty"] }),
  one("-i", "inspect/Config/OpenStdin", { claims: ["tty"] }),
  one("--tty", "tty inspect/Config/Tty", { claims: ["interactive"] }),
  one("-t", "tty inspect/Config/Tty", { claims: ["interactive"] }),
  one("--detach", "printed", { claims: ["rm", "attach", "log-driver"], verb: "run" }),
  one("-d", "printed", { claims: ["rm", "attach", "log-driver"], verb: "run" }),
  one("--rm", "kept", { claims: ["detach"], verb: "run" }),
  one("--rm=true", "kept", { claims: ["detach"], verb: "run" }),
  refused("--detach-keys nonsense", { claims: ["detach"], verb: "run" }),
  refused("--detach-keys ctrl-,", { claims: ["detach"], verb: "run" }),
  silent("--detach-keys ctrl-x", "keys that nobody presses", { claims: ["detach"], verb: "run" }),
  silent("--sig-proxy=false", "no signal comes; test/e2e/cli sends some", { claims: ["detach", "tty"], verb: "run" }),
  silent("--sig-proxy=true", "what it is without being said", { claims: ["detach", "tty"], verb: "run" }),
  { ...refused("--help"), shows: ["stdout"] },
  { ...refused("--help=true"), shows: ["stdout"] },
];
