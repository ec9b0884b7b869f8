// Requests that are wrong in one place: every parameter of every route and every field of every body, times every wrong value.
import { authConfig, createRequest, execOptions, execStartOptions, routes, type RouteName, type Schema } from "#wire";

export interface HostileRequest {
  readonly route: RouteName;
  /** For the failure: "POST /containers/create HostConfig.Memory = deep". */
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string | Uint8Array;
}

const long = "x".repeat(100_000);
const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** Values for a parameter of a query; the last are bytes that are no text. */
const wrongTexts: Readonly<Record<string, string>> = {
  empty: "",
  word: "x",
  fraction: "1.5",
  below: "-1",
  huge: "9".repeat(40),
  long,
  nul: "%00",
  newline: "%0d%0aX-Injected:%201",
  proto: "__proto__",
  object: encodeURIComponent('{"__proto__":{"x":1}}'),
  list: encodeURIComponent('["x",null]'),
  filters: encodeURIComponent('{"__proto__":["x"],"constructor":{"y":true}}'),
  deep: encodeURIComponent(nested(1_000)),
  surrogate: "%ED%A0%80",
  bytes: "%FF%FE",
};

/** JSON for a field of a body. */
const wrongValues: Readonly<Record<string, string>> = {
  text: '"x"',
  number: "7",
  below: "-1",
  fraction: "1.5",
  huge: "9".repeat(40),
  exponent: "1e400",
  flag: "true",
  null: "null",
  list: "[1,null,{}]",
  object: '{"a":{"b":[]}}',
  proto: '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  nul: '"a\\u0000b"',
  surrogate: '"\\ud800"',
  long: JSON.stringify(long),
  deep: nested(500),
};

const bodies: Partial<Readonly<Record<RouteName, Schema<unknown>>>> = {
  containerCreate: createRequest,
  execCreate: execOptions,
  execStart: execStartOptions,
  login: authConfig,
};

/** What a request may change besides the wrong place, so that it gets as far as it can. */
const companions: Partial<Readonly<Record<RouteName, string>>> = {
  events: "until=1",
  containerStats: "stream=0",
  containerLogs: "stdout=1",
  imageTag: "repo=fuzzed",
  imageCreate: "fromImage=127.0.0.1:9/nobody",
};

const whole: Partial<Readonly<Record<RouteName, string>>> = { containerCreate: '"Image":"busybox"', execCreate: '"Cmd":["true"]' };

export interface Objects {
  readonly container: string;
  readonly image: string;
  readonly exec: string;
}

/** All of them. `objects` are what paths name. */
export function* hostileRequests(objects: Objects): Generator<HostileRequest> {
  for (const [name, route] of Object.entries(routes)) {
    const routeName = name as RouteName;
    const path = fill(route.path, objects);
    const line = `${route.method} ${route.path}`;
    for (const [value, text] of Object.entries(wrongTexts)) {
      for (const parameter of Object.keys(route.query)) {
        const beside = companions[routeName];
        const query = [`${parameter}=${text}`, ...(beside === undefined || beside.startsWith(`${parameter}=`) ? [] : [beside])].join("&");
        yield { route: routeName, title: `${line} ?${parameter} = ${value}`, method: route.method, path: `${path}?${query}` };
      }
      if (path !== route.path && text !== "")
        yield { route: routeName, title: `${line} of ${value}`, method: route.method, path: route.path.replaceAll(/\{\w+\}/g, text) };
    }
    for (const [place, body] of bodiesOf(routeName))
      yield { route: routeName, title: `${line} ${place}`, method: route.method, path, body };
  }
}

function fill(path: string, objects: Objects): string {
  const object = path.startsWith("/exec") ? objects.exec : path.startsWith("/images") ? objects.image : objects.container;
  return path.replaceAll(/\{\w+\}/g, object);
}

function* bodiesOf(route: RouteName): Generator<readonly [place: string, body: string | Uint8Array]> {
  const schema = bodies[route];
  if (schema === undefined) return;
  for (const [kind, value] of Object.entries(wrongValues)) yield [`body = ${kind}`, value];
  yield ["body = beyond Go's depth", nested(20_000)];
  yield ["body = bytes", Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d)];
  for (const { place, wrap } of fieldsOf(schema)) {
    for (const [kind, value] of Object.entries(wrongValues)) {
      const rest = whole[route] ?? "";
      const own = wrap(value).slice(1, -1);
      yield [`${place} = ${kind}`, `{${[rest, own].filter((part) => part !== "").join(",")}}`];
    }
  }
}

interface Field {
  readonly place: string;
  /** A document that has the value at this place. */
  readonly wrap: (value: string) => string;
}

function* fieldsOf({ inside }: Schema<unknown>): Generator<Field> {
  if (inside === undefined) return;
  const parts: readonly (readonly [string, Schema<unknown>, (value: string) => string])[] =
    inside.kind === "struct"
      ? Object.entries(inside.fields).map(([name, schema]) => [name, schema, (value) => `{${JSON.stringify(name)}:${value}}`])
      : inside.kind === "list"
        ? [["0", inside.item, (value) => `[${value}]`]]
        : [["__proto__", inside.item, (value) => `{"__proto__":${value}}`]];
  for (const [name, schema, wrap] of parts) {
    yield { place: name, wrap };
    for (const inner of fieldsOf(schema)) yield { place: `${name}.${inner.place}`, wrap: (value) => wrap(inner.wrap(value)) };
  }
}

/** A 500 that Docker gives too: to what its parsers of numbers and binds refuse, and what nothing answered. */
export function isDockers500(body: string): boolean {
  return [
    /strconv\.(Atoi|ParseInt|ParseUint|ParseFloat)/,
    /invalid (volume|mount) specification|invalid (mode|spec)/,
    /Invalid escape keys/,
    /"ps: /,
    /failed to do request|no Host in request URL|dial tcp: lookup/,
    /"json: |EOF"|invalid character|unexpected content after JSON|exceeded max depth|escape sequence/,
    /parsing time|failed to parse value as time or duration/,
  ].some((pattern) => pattern.test(body));
}
