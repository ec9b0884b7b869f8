// Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  /** Behind the family's name: "_bucket", "_sum", "_count". */
  readonly suffix?: string;
  readonly labels?: Labels;
  readonly value: number;
}

export interface MetricFamily {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly samples: readonly Sample[];
}

export const textFormat = "text/plain; version=0.0.4; charset=utf-8";

/** Families by name, each under its help and type. */
export function formatMetrics(families: readonly MetricFamily[]): string {
  return families
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ name, type, help, samples }) => {
      const lines = samples.map(({ suffix = "", labels = {}, value }) => `${name}${suffix}${formatLabels(labels)} ${formatValue(value)}\n`);
      return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n${lines.join("")}`;
    })
    .join("");
}

function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeHelp(value).replaceAll('"', '\\"')}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function formatValue(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
