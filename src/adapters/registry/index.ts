export { HttpRegistry } from "./http-registry.ts";
