import { formatSize } from "#base";
import type { ProgressLine } from "#client";

/** The bar of a progress line, "[====>     ]  1.2MB/3MB", fitted to the width of the screen; empty where there is nothing to measure. */
export function progressBar(detail: ProgressLine["progressDetail"], columns: number): string {
  const { current = 0, total = 0, units = "", hidecounts = false } = detail ?? {};
  if (current <= 0 && total <= 0) return "";
  const amount = (value: number): string => (units === "" ? formatSize(value) : String(value)).padStart(8);
  const unit = units === "" ? "" : ` ${units}`;
  if (total <= 0) return `${amount(current)}${unit}`;
  const filled = Math.min(50, Math.trunc((current / total) * 50));
  const bar = columns > 110 ? `[${"=".repeat(filled)}>${" ".repeat(50 - filled)}] ` : "";
  if (hidecounts) return bar;
  const counts = current > total ? amount(current) : `${amount(current)}/${units === "" ? formatSize(total) : total}`;
  return `${bar}${counts}${unit}`;
}
