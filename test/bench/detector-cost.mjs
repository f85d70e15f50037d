// What the built detector costs on a recording, in a process of its own as in a media process: the counterpart of
// spandsp-cost.c. Reads 16-bit little-endian 8 kHz samples, prints CPU nanoseconds a sample and the number of keys.
import { readFileSync } from 'node:fs';
import { ToneDetector } from '../../dist/cde/dtmf/tone-detector.js';

const packetSamples = 160;
/** Many, since the first are the compiler's, whose threads count too. */
const rounds = Number(process.argv[2] ?? 50);

const bytes = readFileSync(0);
const samples = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
let least = Number.POSITIVE_INFINITY;
let keys = 0;
for (let round = 0; round < rounds; round += 1) {
  keys = 0;
  const detector = new ToneDetector({
    onTone: () => {
      keys += 1;
    },
  });
  const began = process.cpuUsage();
  for (let at = 0; at + packetSamples <= samples.length; at += packetSamples) {
    detector.feed(samples, packetSamples, at);
  }
  const took = process.cpuUsage(began);
  least = Math.min(least, ((took.user + took.system) * 1000) / samples.length);
}
process.stdout.write(`${least.toFixed(2)} ${keys}\n`);
