import { type Logger, messageOf } from "#base";
import { sendDatagram } from "#linux";

/** A state as sd_notify(3) names it; RELOADING is followed by READY. */
type ServiceState = "READY" | "RELOADING" | "STOPPING";

/** Tells the supervisor where the daemon stands. */
export type Notify = (state: ServiceState) => void;

/**
 * Where the supervisor that started us wants to hear of it; without one, nothing is told. Its socket is for this process alone, so
 * its name leaves the environment.
 */
export function tellSupervisor(env: Record<string, string | undefined>, logger: Logger): Notify {
  const path = env["NOTIFY_SOCKET"];
  delete env["NOTIFY_SOCKET"];
  return (state) => {
    if (path === undefined || path === "") return;
    try {
      sendDatagram(path, `${state}=1`);
    } catch (error) {
      logger.warn("the supervisor could not be told", { state, error: messageOf(error) });
    }
  };
}
