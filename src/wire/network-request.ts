import { endpointSettings } from "./create-request.ts";
import { flag, list, optional, record, struct, text, type Decoded } from "./decode.ts";

const ipam = struct("network.IPAM", {
  Driver: text,
  Options: record(text),
  Config: list(struct("network.IPAMConfig", { Subnet: text, IPRange: text, Gateway: text, AuxiliaryAddresses: record(text) })),
});

/** Body of POST /networks/create. */
export const networkRequest = struct("network.CreateRequest", {
  Name: text,
  CheckDuplicate: optional(flag),
  Driver: text,
  Scope: text,
  EnableIPv4: optional(flag),
  EnableIPv6: optional(flag),
  IPAM: optional(ipam),
  Internal: flag,
  Attachable: flag,
  Ingress: flag,
  ConfigOnly: flag,
  ConfigFrom: optional(struct("network.ConfigReference", { Network: text })),
  Options: record(text),
  Labels: record(text),
});

/** Body of POST /networks/{name}/connect. */
export const connectRequest = struct("network.ConnectOptions", { Container: text, EndpointConfig: optional(endpointSettings) });

/** Body of POST /networks/{name}/disconnect. */
export const disconnectRequest = struct("network.DisconnectOptions", { Container: text, Force: flag });

export type NetworkBody = Decoded<typeof networkRequest>;
