// Images: where they come from, and how fast.
import { checkAuthHosts, checkMirrors, isEmpty, isOneOf, notNegative } from "./checks.ts";
import { anything, proxies } from "./compound-kinds.ts";
import { integer, size, text, texts } from "./kinds.ts";
import { setting } from "./setting.ts";

export const imageSettings = {
  "insecure-registries": setting(texts(), "Enable insecure registry communication", { flag: "insecure-registry", reloads: true }),
  "registry-mirrors": setting(texts(), "Preferred Docker registry mirror", {
    flag: "registry-mirror",
    reloads: true,
    check: checkMirrors,
    note: "`HOST=URL` is a mirror of another registry than Docker Hub",
  }),
  "registry-auth-hosts": setting(texts(), "Token servers that credentials of a registry may be sent to", {
    flag: "registry-auth-host",
    reloads: true,
    check: checkAuthHosts,
    note: "Gantry's own: `REGISTRY=HOST`; a registry's own host always is one, and so are those of well-known registries",
  }),
  "max-concurrent-downloads": setting(integer, "Set the max concurrent downloads", {
    fallback: "3",
    reloads: true,
    check: notNegative("max concurrent downloads"),
  }),
  "max-concurrent-uploads": setting(integer, "Set the max concurrent uploads", {
    fallback: "5",
    reloads: true,
    check: notNegative("max concurrent uploads"),
  }),
  "max-download-attempts": setting(integer, "Set the max download attempts for each pull", {
    fallback: "5",
    reloads: true,
    check: notNegative("max download attempts"),
  }),
  "layer-blob-budget": setting(size, "Most disk space for the compressed blobs of layers, which are a cache", {
    reloads: true,
    note: "Gantry's own: those that a registry has, or that a sealed layer's archive is, go first, the oldest before others; without it they stay until a disk has less than 5 % or 2 GiB free",
  }),
  "http-proxy": setting(text, "HTTP proxy URL to use for outgoing traffic"),
  "https-proxy": setting(text, "HTTPS proxy URL to use for outgoing traffic"),
  "no-proxy": setting(text, "Comma-separated list of hosts or IP addresses for which the proxy is skipped"),
  proxies: setting(proxies, "http-proxy, https-proxy and no-proxy in one object", { flag: null }),
  "storage-driver": setting(text, "Storage driver to use", {
    short: "s",
    supports: isOneOf("", "overlay2", "overlayfs", "sealed", "directory"),
    note: "what layers become: `sealed` or `directory`; Docker's `overlay2` and `overlayfs`, as nothing, let the machine decide",
  }),
  "storage-opts": setting(texts(), "Storage driver options", {
    flag: "storage-opt",
    supports: (options) => options.every(isOneOf("sealed.mount=file", "sealed.mount=loop")),
    note: "`sealed.mount=file` and `sealed.mount=loop` allow one way to mount sealed layers and no other",
  }),
  builder: setting(anything, "Settings of the builder", { flag: null, supports: isEmpty }),
} as const;
