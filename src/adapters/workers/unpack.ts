// A store thread: hashes and writes blobs, unpacks layers.
import { serveStore } from "#store";

serveStore();
