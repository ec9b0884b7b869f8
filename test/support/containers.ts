import type { Container, ContainerImage, ContainerSpec, HostSpec } from "#container";

const digest = `sha256:${"d".repeat(64)}` as const;

/** Nothing asked of the host. */
export const plainHost: HostSpec = {
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

/** Nothing asked of the process. */
export const plainSpec: ContainerSpec = {
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
  host: plainHost,
};

export const plainImage: ContainerImage = {
  id: digest,
  manifest: digest,
  layers: [],
  os: "linux",
  config: { user: "", env: [], workingDir: "", labels: {}, exposedPorts: [], volumes: [] },
};

/** A container as data: created, nothing special, but for what is given. */
export function containerOf(fields: Partial<Container> & { readonly id: string }): Container {
  return {
    name: `name_${fields.id.slice(0, 6)}`,
    owner: "api",
    created: 1n,
    generation: 1,
    spec: plainSpec,
    image: plainImage,
    state: { status: "created" },
    restartCount: 0,
    ...fields,
  };
}

/** The spec of `containerOf`, with labels. */
export function labelled(labels: Readonly<Record<string, string>>): ContainerSpec {
  return { ...plainSpec, labels };
}
