import { formatSize } from "#base";

/** One line of a pull, load or build (Docker API: JSONMessage). */
export interface ProgressLine {
  readonly stream?: string;
  readonly status?: string;
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly progress?: string;
  readonly id?: string;
  readonly errorDetail?: { readonly code?: number; readonly message: string };
  readonly error?: string;
  readonly aux?: unknown;
}

const barWidth = 50;

/** The bar that older clients print as it is: "[=====>     ]  1.2MB/3.4MB". */
export function formatBar(current: number, total: number): string {
  const numbers = formatSize(current).padStart(8);
  if (total <= 0) return numbers;
  const filled = Math.floor(Math.min(1, current / total) * barWidth);
  const bar = `[${"=".repeat(filled)}>${" ".repeat(barWidth - filled)}]`;
  return current > total ? `${bar} ${numbers}` : `${bar} ${numbers}/${formatSize(total)}`;
}

/** One line on the wire, ended as Docker ends it. */
export function encodeProgress(line: ProgressLine): string {
  return `${JSON.stringify(line)}\r\n`;
}

/** The line that tells of a failure after the first byte, when the status is spent. */
export function failedProgress(message: string): ProgressLine {
  return { errorDetail: { message }, error: message };
}
