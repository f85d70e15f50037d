import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The compiled tool beside this file; from sources (tests) the one that the last build made of them. */
const entry = (): string =>
  fileURLToPath(new URL('./dtmf/detect-tones.js', import.meta.url)).replace(
    /\/src\/cde\/(?!.*\/src\/cde\/)/,
    import.meta.url.endsWith('.ts') ? '/dist/cde/' : '/src/cde/',
  );

/**
 * Finds the keys in a recording: raw 16-bit little-endian 8 kHz samples from standard input, a line `KEY START END DECIDED`
 * for each key to standard output. A process of its own, which has nothing to do with any call. @returns its exit status.
 */
export function runToneDetector(): Promise<number> {
  const child = spawn(process.execPath, [entry()], { stdio: 'inherit' });
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
