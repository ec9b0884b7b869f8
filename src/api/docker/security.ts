import { fault } from "#base";
import { checkAnnotations, type HostSpec, parseSecurityOptions } from "#container";
import type { HostConfigRequest } from "#wire";

type SecurityFields =
  | "noNewPrivileges"
  | "securityOptions"
  | "maskedPaths"
  | "readonlyPaths"
  | "groupAdd"
  | "sysctls"
  | "annotations"
  | "usernsMode"
  | "isolation";

/** What a request says of a container's walls. @throws invalid in Docker's words */
export function securityOf(host: HostConfigRequest): Pick<HostSpec, SecurityFields> {
  const { noNewPrivileges } = parseSecurityOptions(host.SecurityOpt);
  const annotations = sorted(host.Annotations);
  checkAnnotations(annotations);
  if (host.UsernsMode !== "" && host.UsernsMode !== "host") throw fault("invalid", `invalid user namespace mode: ${host.UsernsMode}`);
  return {
    ...(noNewPrivileges !== undefined && { noNewPrivileges }),
    ...(host.SecurityOpt.length > 0 && { securityOptions: host.SecurityOpt }),
    // An empty list asks for none at all, which is more than to say nothing.
    ...(host.MaskedPaths !== undefined && { maskedPaths: host.MaskedPaths }),
    ...(host.ReadonlyPaths !== undefined && { readonlyPaths: host.ReadonlyPaths }),
    ...(host.GroupAdd.length > 0 && { groupAdd: host.GroupAdd }),
    ...(host.Sysctls.size > 0 && { sysctls: sorted(host.Sysctls) }),
    ...(host.Annotations.size > 0 && { annotations }),
    ...(host.UsernsMode !== "" && { usernsMode: host.UsernsMode }),
    ...(host.Isolation !== "" && { isolation: host.Isolation }),
  };
}

/** As Go prints maps. */
function sorted(map: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  return Object.fromEntries([...map].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
