import type { VersionChange } from "./change.ts";

/** 1.25: security options have keys ("name=seccomp,profile=builtin"). */
export const change125: VersionChange = {
  version: "1.25",
  replies: {
    info: (info) => {
      const options = info["SecurityOptions"];
      return { ...info, SecurityOptions: Array.isArray(options) ? options.map((option) => bareName(String(option))) : options };
    },
  },
};

function bareName(option: string): string {
  const name = option.split(",").find((part) => part.startsWith("name="));
  return name === undefined ? option : name.slice("name=".length);
}
