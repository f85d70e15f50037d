import { basis } from './tone-kernel.ts';
import { sampleRateHz, toneCount, toneHz } from './tone-plan.ts';

/** The screen looks at the sound in blocks of 5 ms. */
export const blockSamples = 40;

/** What is kept of a block: real parts of its transform about its middle by tone, then imaginary ones. */
export const spectrumNumbers = 2 * toneCount;

for (let at = 0; at < basis.length; at += 1) {
  const distance = Math.floor(at / spectrumNumbers) + 0.5;
  const turn = (2 * Math.PI * (toneHz[at % toneCount] as number) * distance) / sampleRateHz;
  basis[at] = at % spectrumNumbers < toneCount ? Math.cos(turn) : Math.sin(turn);
}
