import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { assembleWat } from '../../src/vite.config.ts';

/** Node 20 runs no TypeScript: a program of this folder in one file, for a process of its own. */
export class BundledProgram implements Disposable {
  readonly path: string;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, 'program.mjs');
  }

  /** @param name of its source here, without `.ts`. */
  static async of(name: string): Promise<BundledProgram> {
    const folder = mkdtempSync(join(tmpdir(), 'tonelock-program-'));
    const entry = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
    const output = { entryFileNames: 'program.mjs' };
    await build({
      configFile: false,
      logLevel: 'silent',
      plugins: [assembleWat],
      root: folder,
      build: { ssr: entry, outDir: folder, emptyOutDir: false, target: 'node20', rollupOptions: { output } },
    });
    return new BundledProgram(folder);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
