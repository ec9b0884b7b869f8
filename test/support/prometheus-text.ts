// A strict reader of Prometheus' text format 0.0.4: what its own parser would refuse, and what it would take and a person would not.

export interface ReadFamily {
  readonly type: string;
  readonly help: string;
  /** By the sample's name with its labels, as written. */
  readonly samples: ReadonlyMap<string, number>;
}

interface Reading {
  readonly families: Map<string, { type: string; help: string; samples: Map<string, number> }>;
  current: string;
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const labelPair = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/y;

/** Every family by its name. @throws with the line that breaks a rule */
export function readPrometheusText(text: string): ReadonlyMap<string, ReadFamily> {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const reading: Reading = { families: new Map(), current: "" };
  for (const line of text.slice(0, -1).split("\n")) {
    try {
      readLine(reading, line);
    } catch (error) {
      throw new Error(`${(error as Error).message}: ${line}`, { cause: error });
    }
  }
  for (const [name, family] of reading.families) if (family.type === "histogram") checkHistogram(name, family.samples);
  return reading.families;
}

function readLine(reading: Reading, line: string): void {
  const comment = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
  if (comment !== null) {
    const [, kind, name = "", rest = ""] = comment;
    if (kind === "HELP") {
      if (reading.families.has(name)) throw new Error("a family is told of twice");
      reading.families.set(name, { type: "", help: rest, samples: new Map() });
      reading.current = name;
      return;
    }
    const family = reading.families.get(name);
    if (family === undefined || name !== reading.current || family.type !== "") throw new Error("a type without its help before it");
    if (!["counter", "gauge", "histogram", "summary", "untyped"].includes(rest)) throw new Error("no such type");
    if (rest === "counter" && !name.endsWith("_total")) throw new Error("a counter whose name does not end in _total");
    family.type = rest;
    return;
  }
  readSample(reading, line);
}

function readSample(reading: Reading, line: string): void {
  const [, name = "", labels = "", value = ""] = sampleLine.exec(line) ?? [];
  const family = reading.families.get(reading.current);
  if (name === "" || family === undefined || family.type === "") throw new Error("no sample of a family");
  const suffixes = family.type === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
  if (!suffixes.some((suffix) => name === `${reading.current}${suffix}`)) throw new Error(`a sample under the family ${reading.current}`);
  checkLabels(labels);
  const number = value === "+Inf" ? Infinity : value === "-Inf" ? -Infinity : Number(value);
  if (Number.isNaN(number) && value !== "NaN") throw new Error("no number");
  if (family.type !== "gauge" && number < 0) throw new Error("a count below 0");
  const key = labels === "" ? name : `${name}{${labels}}`;
  if (family.samples.has(key)) throw new Error("a sample twice");
  family.samples.set(key, number);
}

function checkLabels(text: string): void {
  const seen = new Set<string>();
  labelPair.lastIndex = 0;
  while (labelPair.lastIndex < text.length) {
    const [, name = ""] = labelPair.exec(text) ?? [];
    if (name === "" || seen.has(name)) throw new Error("labels that are none");
    seen.add(name);
  }
}

/** Buckets of a series grow with their bounds, and the last one holds them all. */
function checkHistogram(name: string, samples: ReadonlyMap<string, number>): void {
  const counts = [...samples].filter(([key]) => key.startsWith(`${name}_count`));
  for (const [key, count] of counts) {
    const labels = key.slice(`${name}_count`.length).replace(/^\{|\}$/g, "");
    const buckets = [...samples].flatMap(([other, value]) => {
      const bound = /le="([^"]+)"\}$/.exec(other)?.[1];
      const own = other.replace(/,?le="[^"]+"\}$/, "").replace(/\{$/, "");
      return bound !== undefined && own === `${name}_bucket${labels === "" ? "" : `{${labels}`}` ? [{ bound, value }] : [];
    });
    if (buckets.at(-1)?.bound !== "+Inf" || buckets.at(-1)?.value !== count) throw new Error(`${key}: +Inf does not hold all`);
    if (buckets.some(({ value }, index) => value < (buckets[index - 1]?.value ?? 0))) throw new Error(`${key}: buckets shrink`);
    if (!samples.has(key.replace("_count", "_sum"))) throw new Error(`${key}: no sum`);
  }
}
