import { assert } from '../../shared/assert.ts';
import { firstPlace, kernelBytes, words } from './tone-kernel.ts';

/** A detector's place, in bytes: an odd number of cache lines, or the beginnings of all of them would share a few sets of the cache. */
export const placeBytes = 2112;
/** As many detectors as can be fed in real time on one processor, and more. Memory that was never used costs none. */
const placesMax = Math.floor((kernelBytes - firstPlace) / placeBytes);

const free: number[] = [];
let taken = 0;

/** @returns a place that holds no sound. */
export function takePlace(): number {
  const place = free.pop();
  if (place !== undefined) return place;
  assert(taken < placesMax);
  taken += 1;
  return firstPlace + (taken - 1) * placeBytes;
}

/** Wipes a place; another may have it. */
export function givePlace(place: number): void {
  words.fill(0, place >> 2, (place + placeBytes) >> 2);
  free.push(place);
}
