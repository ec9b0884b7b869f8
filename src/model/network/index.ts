export { type BridgeFacts, type Endpoint, type Fabric, type PublishedPort, type Sandbox, type SandboxRequest } from "./fabric.ts";
