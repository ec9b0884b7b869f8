import { within, type VersionChange } from "./change.ts";

const gone = { AllowNondistributableArtifactsCIDRs: null, AllowNondistributableArtifactsHostnames: null };

/** 1.47: registries that take foreign layers are no longer configured. */
export const change147: VersionChange = {
  version: "1.47",
  replies: { info: (info) => within(info, "RegistryConfig", (config) => ({ ...gone, ...config })) },
};
