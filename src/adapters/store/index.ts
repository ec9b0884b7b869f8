export { OverlayRootfsStore } from "./rootfs-store.ts";
export { StateDatabase } from "./state-database.ts";
export { serveStateDatabase } from "./state-writer.ts";
export { Trash } from "./trash.ts";
export { DirectoryContentStore } from "./content-store.ts";
export { DirectoryLayerStore } from "./layer-store.ts";
export { serveStore } from "./store-server.ts";
export { StoreThreads } from "./store-threads.ts";
