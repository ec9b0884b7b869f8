import type { Container, ContainerSpec, HostSpec } from "#container";

const digest = `sha256:${"d".repeat(64)}` as const;

const host: HostSpec = {
  network: "none",
  networkName: "none",
  ports: [],
  binds: [],
  bindTexts: [],
  tmpfs: {},
  autoRemove: false,
  privileged: false,
  readOnlyRootfs: false,
  capAdd: [],
  capDrop: [],
  ulimits: [],
  resources: {},
};

const spec: ContainerSpec = {
  image: "busybox",
  env: [],
  user: "",
  labels: {},
  hostname: "",
  domainname: "",
  tty: false,
  openStdin: false,
  stdinOnce: false,
  attachStdin: false,
  attachStdout: true,
  attachStderr: true,
  exposedPorts: [],
  host,
};

/** A container as data: created, nothing special, but for what is given. */
export function containerOf(fields: Partial<Container> & { readonly id: string }): Container {
  return {
    name: `name_${fields.id.slice(0, 6)}`,
    owner: "api",
    created: 1n,
    generation: 1,
    spec,
    image: {
      id: digest,
      manifest: digest,
      layers: [],
      os: "linux",
      config: { user: "", env: [], workingDir: "", labels: {}, exposedPorts: [], volumes: [] },
    },
    state: { status: "created" },
    restartCount: 0,
    ...fields,
  };
}

/** The spec of `containerOf`, with labels. */
export function labelled(labels: Readonly<Record<string, string>>): ContainerSpec {
  return { ...spec, labels };
}
