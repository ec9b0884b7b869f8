/** A duration in seconds as Docker says it: "5 minutes", "About an hour", "2 weeks". */
export function humanDuration(seconds: number): string {
  const whole = Math.trunc(seconds);
  if (whole < 1) return "Less than a second";
  if (whole === 1) return "1 second";
  if (whole < 60) return `${whole} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(seconds / 3600 + 0.5);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(seconds / 3600 / 24 / 365)} years`;
}

/** "2 minutes ago" for a moment in unix seconds. */
export function humanSince(unixSeconds: number): string {
  return `${humanDuration(Date.now() / 1000 - unixSeconds)} ago`;
}

/** Binary size with four significant digits, as `info` shows memory: "23.54GiB". */
export function binarySize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toPrecision(4))}${units[unit]}`;
}

/** Local time as Go prints it: "2026-11-21 08:04:15 +0000 UTC". */
export function goTime(unixSeconds: number): string {
  const date = new Date(unixSeconds * 1000);
  const { text, offset, zone } = localTime(date);
  return `${text.replace("T", " ")} ${offset.replace(":", "")} ${zone}`;
}

/** Local time with the offset, as `history` shows it. */
export function localInstant(unixSeconds: number): string {
  const { text, offset } = localTime(new Date(unixSeconds * 1000));
  return `${text}${offset === "+00:00" ? "Z" : offset}`;
}

/** Local time with nine digits of fraction and the offset, as `events` shows it. */
export function preciseTime(nanoseconds: bigint): string {
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, "0");
  const { text, offset } = localTime(new Date(Number(nanoseconds / 1_000_000_000n) * 1000));
  return `${text}.${fraction}${offset === "+00:00" ? "Z" : offset}`;
}

function localTime(date: Date): { readonly text: string; readonly offset: string; readonly zone: string } {
  const minutes = -date.getTimezoneOffset();
  const text = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, 19);
  const sign = minutes < 0 ? "-" : "+";
  const offset = `${sign}${pair(Math.trunc(Math.abs(minutes) / 60))}:${pair(Math.abs(minutes) % 60)}`;
  return { text, offset, zone: minutes === 0 ? "UTC" : zoneOf(date, offset) };
}

function zoneOf(date: Date, offset: string): string {
  const name = /\(([^)]*)\)/.exec(date.toString())?.[1] ?? "";
  return /^[A-Z]{3,5}$/.test(name) ? name : offset.replace(/:00$/, "").replace(":", "");
}

function pair(value: number): string {
  return value.toString().padStart(2, "0");
}
