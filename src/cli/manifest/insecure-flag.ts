import { bool, type Flag } from "../flag.ts";

/** Which registries may be spoken to in plain HTTP is the daemon's configuration: it is the daemon that speaks to them. */
export const insecureFlag: Flag = bool(
  "insecure",
  "Allow communication with an insecure registry, where the daemon's insecure-registries do",
);
