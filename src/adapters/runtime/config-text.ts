import type { OciConfig, OciProcess } from "#container";

/** The largest number that the runtimes read where the kernel means "no limit"; JavaScript would round it up. */
const unlimitedText = "18446744073709551615";

/** config.json of a bundle (runtime-spec config.md). */
export function configText(config: OciConfig, rootfs: string): string {
  const whole: OciConfig = { ...config, root: { ...config.root, path: rootfs } };
  return jsonText(whole);
}

/** process.json of an exec. */
export function processText(process: OciProcess): string {
  return jsonText(process);
}

function jsonText(value: OciConfig | OciProcess): string {
  const text = JSON.stringify(value);
  return text.replaceAll(/("(?:soft|hard)":)18446744073709552000\b/g, `$1${unlimitedText}`);
}
