import { spawn } from 'node:child_process';
import { builtFile } from '../shared/built-file.ts';

/**
 * Finds the keys in a recording: raw 16-bit little-endian 8 kHz samples from standard input, a line `KEY START END DECIDED`
 * for each key to standard output. A process of its own, which has nothing to do with any call. @returns its exit status.
 */
export function runToneDetector(): Promise<number> {
  const child = spawn(process.execPath, [builtFile('cde/dtmf/detect-tones.js')], { stdio: 'inherit' });
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (code) => resolve(code ?? 1));
  });
}
