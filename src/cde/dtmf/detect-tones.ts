import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { ToneDetector } from './tone-detector.ts';

/** The names of the keys by event code (RFC 4733 §3.2). */
const names = '0123456789*#ABCD';
/** Samples a call of the detector: a decision is known to the millisecond. */
const samplesFed = 8;

/**
 * A measuring tool: reads raw 16-bit little-endian 8 kHz samples to their end, and writes one line for each key,
 *
 *     KEY START END DECIDED
 *
 * where the numbers count samples: first and last of the tone, and how many had been read when the key was certain.
 * It writes keys as characters, which nothing else in this room may: what it reads is a recording that somebody pipes
 * into it, never a call. So it is a process of its own, and nothing imports it but its test.
 */
export async function detectTones(input: Readable, output: Writable): Promise<void> {
  let read = 0;
  let start = 0;
  let decided = 0;
  let lines = '';
  const detector = new ToneDetector({
    onTone: (_, startSample) => {
      start = startSample;
      decided = read;
    },
    onEnd: (key, endSample) => {
      lines += `${names[key]} ${start} ${endSample - 1} ${decided}\n`;
    },
  });
  const samples = new Int16Array(samplesFed);
  let filled = 0;
  let lowByte = -1;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    for (const byte of chunk) {
      if (lowByte < 0) {
        lowByte = byte;
        continue;
      }
      samples[filled++] = lowByte | (byte << 8);
      lowByte = -1;
      if (filled < samplesFed) continue;
      filled = 0;
      read += samplesFed;
      detector.feed(samples, samplesFed);
    }
    if (lines !== '' && !output.write(lines)) await once(output, 'drain');
    lines = '';
  }
  read += filled;
  detector.feed(samples, filled);
  detector.end();
  output.write(lines);
}

const script = process.argv[1];
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) {
  await detectTones(process.stdin, process.stdout);
}
