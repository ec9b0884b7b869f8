import { within, type VersionChange } from "./change.ts";

const containerFields = {
  Hostname: "",
  Domainname: "",
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Image: "",
};

/** 1.50: an image's Config lost the fields that only a container has; info lost the bridge's netfilter switches. */
export const change150: VersionChange = {
  version: "1.50",
  replies: {
    imageInspect: (image) => within(image, "Config", (config) => ({ ...containerFields, ...config })),
    info: (info) => ({ ...info, BridgeNfIptables: false, BridgeNfIp6tables: false }),
  },
};
