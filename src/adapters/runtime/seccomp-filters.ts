import type { OciConfig, OciSeccomp } from "#container";
import type { KernelPort } from "#linux";

const EACCES = 13;

/** Calls of i386 that libseccomp opens for the sake of those that go through them, `socket` and its like. */
const throughways = ["socketcall", "ipc"];

/**
 * The same configuration for a runtime that compiles the profile itself: it drops rules that say what happens anyway, and what libseccomp
 * makes of another rule then holds. So those of a throughway say it with another errno.
 */
export function withDistinctRules(config: OciConfig): OciConfig {
  const { seccomp } = config.linux;
  if (seccomp?.defaultAction !== "SCMP_ACT_ERRNO") return config;
  const syscalls = seccomp.syscalls.map((rule) =>
    rule.action === "SCMP_ACT_ERRNO" && rule.errnoRet === seccomp.defaultErrnoRet && rule.names.some((name) => throughways.includes(name))
      ? { ...rule, errnoRet: EACCES }
      : rule,
  );
  return { ...config, linux: { ...config.linux, seccomp: { ...seccomp, syscalls } } };
}

/** Profiles differ by capabilities, architecture and nothing else: few are ever in use. */
const capacity = 64;

/**
 * Seccomp profiles as programs, each compiled once. crun takes one as bytes in an annotation of ours
 * (crun(1), run.oci.seccomp_bpf_data) and then spends nothing on compiling it.
 */
export class SeccompFilters {
  readonly #kernel: KernelPort;
  readonly #programs = new Map<string, Promise<string | undefined>>();

  constructor(kernel: KernelPort) {
    this.#kernel = kernel;
  }

  /** The same configuration with the program in place of the profile; unchanged where there is no profile or no compiler for it. */
  async apply(config: OciConfig): Promise<OciConfig> {
    const { seccomp, ...linux } = config.linux;
    if (seccomp === undefined) return config;
    const program = await this.#programOf(seccomp);
    if (program === undefined) return config;
    return { ...config, linux, annotations: { ...config.annotations, "run.oci.seccomp_bpf_data": program } };
  }

  #programOf(profile: OciSeccomp): Promise<string | undefined> {
    const key = JSON.stringify(profile);
    const known = this.#programs.get(key);
    if (known !== undefined) return known;
    if (this.#programs.size >= capacity) this.#programs.clear();
    const program = this.#kernel.run("compileSeccomp", profile).then((bytes) => bytes?.toBase64());
    this.#programs.set(key, program);
    program.catch(() => this.#programs.delete(key));
    return program;
  }
}
