import bytes from './code-words.wat';
import { alawTable, decodeG711 } from './g711.ts';
import { arriving, codes, kernel } from './tone-kernel.ts';

/** See `code-words.wat`: they make samples of the first `count` {@link codes}, a multiple of 16. */
interface Decoder {
  ulaw(count: number): void;
  alaw(count: number): void;
}

const { memory } = kernel;
const decoder = new WebAssembly.Instance(new WebAssembly.Module(bytes), { kernel: { memory } })
  .exports as unknown as Decoder;

/** The same memory by fours, of packets that are read that way. */
const byFours = new WeakMap<Uint8Array, Int32Array>();

/** Says that code words in `packet`, which begin at a multiple of four, are to be read four at a time, as the path of every packet needs it. */
export function readByFours(packet: Uint8Array): void {
  byFours.set(packet, new Int32Array(packet.buffer, packet.byteOffset, packet.length >> 2));
}

/** Decodes `count` code words of G.711 at `from` of `packet` to where samples come to the kernel; by `table` where they are few or uneven. */
export function decodeForKernel(table: Int16Array, packet: Uint8Array, from: number, count: number): void {
  const words = byFours.get(packet);
  // Four words of memory are what the kernel decodes at once.
  if (words === undefined || (from & 3) !== 0 || (count & 15) !== 0) {
    decodeG711(table, packet, from, count, arriving);
    return;
  }
  const first = from >> 2;
  for (let n = 0; n < count >> 2; n += 4) {
    codes[n] = words[first + n] as number;
    codes[n + 1] = words[first + n + 1] as number;
    codes[n + 2] = words[first + n + 2] as number;
    codes[n + 3] = words[first + n + 3] as number;
  }
  if (table === alawTable) decoder.alaw(count);
  else decoder.ulaw(count);
}
