import { isBody, within, without, type ReplyBody, type VersionChange } from "./change.ts";

/** 1.44: images have one size; runtimes have a status. */
export const change144: VersionChange = {
  version: "1.44",
  replies: {
    imageInspect: withVirtualSize,
    imageSummary: withVirtualSize,
    imageUsage: withVirtualSize,
    info: (info) => within(info, "Runtimes", (runtimes) => Object.fromEntries(Object.entries(runtimes).map(withoutStatus))),
  },
};

function withVirtualSize(image: ReplyBody): ReplyBody {
  return { ...image, VirtualSize: image["Size"] };
}

function withoutStatus([name, runtime]: [string, unknown]): [string, unknown] {
  return [name, isBody(runtime) ? without("status")(runtime) : runtime];
}
