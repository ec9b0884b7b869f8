// Counts the single tests of a JUnit report as `bun test` writes it.

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** The reason of each skipped test. */
  readonly skipped: readonly string[];
  /** Skipped tests that state no reason; they count as failed. */
  readonly unreasoned: readonly string[];
}

const testCase = /<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g;
const statedReason = /\[skip: (.+)\]$/;

/** A skipped test says why at the end of its title: `title [skip: reason]`. */
export function countTests(report: string): Counts {
  let passed = 0;
  let failed = 0;
  const skipped: string[] = [];
  const unreasoned: string[] = [];
  for (const [, title = "", body = ""] of report.matchAll(testCase)) {
    if (/<(failure|error)\b/.test(body)) {
      failed++;
    } else if (/<skipped\b/.test(body)) {
      const reason = statedReason.exec(unescapeXml(title))?.[1];
      if (reason === undefined) unreasoned.push(unescapeXml(title));
      else skipped.push(reason);
    } else {
      passed++;
    }
  }
  return { passed, failed: failed + unreasoned.length, skipped, unreasoned };
}

function unescapeXml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&#10;", "\n")
    .replaceAll("&amp;", "&");
}
