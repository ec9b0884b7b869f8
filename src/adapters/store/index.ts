export { OverlayRootfsStore } from "./rootfs-store.ts";
export { StateDatabase } from "./state-database.ts";
export { serveStateDatabase } from "./state-writer.ts";
export { Trash } from "./trash.ts";
