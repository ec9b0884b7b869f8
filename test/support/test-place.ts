// Names and folders for one daemon of a test. Every one of them holds the same token, so that whatever is left can be told from the rest.
import { mkdirSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";

export interface TestPlace {
  /** Stands in every name: "gt" and six hex digits. */
  readonly token: string;
  readonly dataRoot: string;
  readonly execRoot: string;
  readonly pidFile: string;
  readonly socket: string;
  readonly bridge: string;
  /** CIDR of the bridge's address. */
  readonly bip: string;
  /** Folder outside the source tree; holds the daemon's log. */
  readonly home: string;
}

const tmpfsMagic = 0x01021994;

/** Somewhere on a real disk: overlay and sync behave as they will for users. */
function diskFolder(): string {
  return statfsSync(tmpdir()).type === tmpfsMagic ? "/var/tmp" : tmpdir();
}

export function makePlace(): TestPlace {
  const random = crypto.getRandomValues(new Uint8Array(3));
  const token = `gt${random.toHex()}`;
  const home = join(diskFolder(), token);
  const execRoot = join("/run", token);
  mkdirSync(home, { mode: 0o711 });
  return {
    token,
    home,
    dataRoot: join(home, "data"),
    execRoot,
    pidFile: join(execRoot, "gantryd.pid"),
    socket: join(execRoot, "gantry.sock"),
    bridge: token,
    bip: `10.${128 + ((random[0] ?? 0) & 63)}.${random[1]}.1/24`,
  };
}

export function removePlace(place: TestPlace): void {
  rmSync(place.home, { recursive: true, force: true });
  rmSync(place.execRoot, { recursive: true, force: true });
}
