import { expect, test } from "bun:test";
import { parseMount } from "./mount.ts";

test("parseMount() reads Docker's keys, whatever their case and order", () => {
  expect(parseMount("type=bind,source=/a,target=/b")).toEqual({ Type: "bind", Source: "/a", Target: "/b" });
  expect(parseMount('ro,"src=/with,comma",Type=BIND,dst=/b,consistency=cached,bind-propagation=rshared')).toEqual({
    Type: "bind",
    Source: "/with,comma",
    Target: "/b",
    ReadOnly: true,
    Consistency: "cached",
    BindOptions: { Propagation: "rshared" },
  });
  expect(parseMount("destination=/b,volume-nocopy,volume-label=a=b,volume-opt=c=d,volume-opt=e=f,volume-driver=local")).toEqual({
    Type: "volume",
    Target: "/b",
    VolumeOptions: { NoCopy: true, Labels: { a: "b" }, DriverConfig: { Name: "local", Options: { c: "d", e: "f" } } },
  });
  expect(parseMount("type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=1777").TmpfsOptions).toEqual({ SizeBytes: 1 << 20, Mode: 0o1777 });
  expect(parseMount("type=bind,src=./x,dst=/b").Source).toBe(`${process.cwd()}/x`);
});

// As Docker's client 28.5 answers.
test.each([
  ["", "EOF"],
  ["type=bind", "target is required"],
  ["readonly", "target is required"],
  ["bind", "invalid field 'bind' must be a key=value pair"],
  ["type=bind,,dst=/x", "invalid field '' must be a key=value pair"],
  ["foo=bar", "unexpected key 'foo' in 'foo=bar'"],
  ["constructor=bar", "unexpected key 'constructor' in 'constructor=bar'"],
  ["type=bind,src=/tmp,dst=/x,ro=maybe", "invalid value for ro: maybe"],
  ["type=bind,src=/tmp,dst=/x,readonly=", "invalid value for readonly: "],
  ["type=bind,src=/tmp,dst=/x,volume-nocopy=true", "cannot mix 'volume-*' options with mount type 'bind'"],
  ["type=bind,src=/tmp,dst=/x,tmpfs-size=1", "cannot mix 'tmpfs-*' options with mount type 'bind'"],
  [
    "type=bind,src=/tmp,dst=/x,bind-recursive=x",
    'invalid value for bind-recursive: x (must be "enabled", "disabled", "writable", or "readonly")',
  ],
  [
    "type=bind,src=/tmp,dst=/x,bind-recursive=writable",
    "option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction",
  ],
  [
    "type=bind,src=/tmp,dst=/x,readonly,bind-recursive=readonly",
    "option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction",
  ],
  ['type=bind,"src=/tmp,dst=/x', 'parse error on line 1, column 27: extraneous or missing " in quoted-field'],
  ['"type=bind"x,src=/tmp', 'parse error on line 1, column 11: extraneous or missing " in quoted-field'],
  ['type=bind,src=/tmp,dst=/x"', 'parse error on line 1, column 26: bare " in non-quoted-field'],
  ["type=tmpfs,dst=/y,tmpfs-mode=77777777777", "invalid value for tmpfs-mode: 77777777777"],
  ["type=tmpfs,dst=/y,tmpfs-mode=9", "invalid value for tmpfs-mode: 9"],
  ["type=tmpfs,dst=/y,tmpfs-size=x", "invalid value for tmpfs-size: x"],
  ["type=image,src=busybox,dst=/x,bind-propagation=shared", "cannot mix 'bind-*' options with mount type 'image'"],
  ["type=bind,src=/tmp,dst=/x,image-subpath=a", "cannot mix 'image-*' options with mount type 'bind'"],
  ["type=,dst=/y", "type is required"],
])("parseMount() refuses %p in Docker's words", (text, words) => {
  expect(() => parseMount(text)).toThrow(words);
});
