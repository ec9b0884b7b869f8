import { struct, text } from "./decode.ts";

/** Body of POST /auth (API 1.51). */
export const authConfig = struct("registry.AuthConfig", {
  username: text,
  password: text,
  auth: text,
  email: text,
  serveraddress: text,
  identitytoken: text,
  registrytoken: text,
});
