const minute = 60;
const hour = 60 * minute;

/** How long something lasts, as people say it and as Docker prints it ("2 minutes", "About an hour"). */
export function formatDuration(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 1) return "Less than a second";
  if (whole === 1) return "1 second";
  if (whole < minute) return `${whole} seconds`;
  const minutes = Math.floor(whole / minute);
  if (minutes === 1) return "About a minute";
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(seconds / hour);
  if (hours === 1) return "About an hour";
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(seconds / hour / 24 / 365)} years`;
}

/** Seconds for which those words stay true, at least. */
export function durationChangesIn(seconds: number): number {
  const period = seconds < minute ? 1 : minute;
  return period - (seconds % period);
}
