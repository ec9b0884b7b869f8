import type { Kernel, KernelPort } from "#linux";

type Name = Parameters<Kernel["run"]>[0];

/** A kernel that keeps the names of the calls made of it, in order, and passes them on to a real one. */
export class RecordingKernel implements KernelPort {
  readonly calls: Name[] = [];
  readonly run: KernelPort["run"];

  constructor(kernel: KernelPort) {
    this.run = (name, ...args) => {
      this.calls.push(name);
      return kernel.run(name, ...args);
    };
  }
}
