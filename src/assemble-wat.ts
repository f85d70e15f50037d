import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';
import makeAssembler from 'wabt';

/** Imports of `*.wat` give the bytes of the WebAssembly module that the file describes. */
export const assembleWat: Plugin = {
  name: 'assemble-wat',
  async load(id) {
    if (!id.endsWith('.wat')) return null;
    const assembler = await makeAssembler();
    const module = assembler.parseWat(id, await readFile(id, 'utf8'), { simd: true });
    const { buffer } = module.toBinary({});
    return `export default Uint8Array.from(atob('${Buffer.from(buffer).toString('base64')}'), (c) => c.charCodeAt(0));`;
  },
};
