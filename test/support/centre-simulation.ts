/** How a contact centre is loaded; times in seconds. */
export interface CentrePlan {
  /** At one time, in the mean. */
  readonly calls: number;
  readonly callSeconds: number;
  /** Which part of the calls takes a payment. */
  readonly payShare: number;
  readonly hours: number;
  readonly seed: number;
}

interface Series {
  readonly mean: number;
  readonly p999: number;
  readonly most: number;
}

/** What one payment looks like: a panel that opens, a card number, talk, a code, the provider. */
const typing = { openAfter: 60, panSeconds: 18, talkSeconds: 6, cvcSeconds: 8, pspSeconds: 2 };
/** session.opened, details, locks and ends of two fields, changes beside them, 19 keys, the outcome, session.closed. */
const eventsOf = { call: 3, session: 10, pan: 16 + 6, cvc: 3 + 6, authorise: 4 };

/** An exact generator of its own, so that a figure can be found again. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Calls come as they do (Poisson) and last as they do (exponential); counts at each second, after a first hour to fill up. */
export function simulateCentre({ calls, callSeconds, payShare, hours, seed }: CentrePlan) {
  const next = random(seed);
  const [warm, seconds] = [3_600, hours * 3_600];
  const counts = { calls: counter(seconds), captures: counter(seconds), authorising: counter(seconds) };
  const events = new Float64Array(seconds);
  const span = (into: Int32Array, from: number, to: number): void => {
    const [first, last] = [Math.max(0, Math.ceil(from)), Math.min(seconds, Math.ceil(to))];
    if (first >= last) return;
    into[first] = (into[first] ?? 0) + 1;
    into[last] = (into[last] ?? 0) - 1;
  };
  const happen = (at: number, many: number): void => {
    const second = Math.floor(at);
    if (second >= 0 && second < seconds) events[second] = (events[second] ?? 0) + many;
  };
  const rate = calls / callSeconds;
  for (let at = -warm; at < seconds; at += -Math.log(1 - next()) / rate) {
    const end = at - Math.log(1 - next()) * callSeconds;
    span(counts.calls, at, end);
    happen(at, 2);
    happen(end, eventsOf.call - 2);
    if (next() >= payShare) continue;
    const pan = at + typing.openAfter * (0.5 + next());
    const cvc = pan + typing.panSeconds * (0.7 + 0.6 * next()) + typing.talkSeconds;
    const psp = cvc + typing.cvcSeconds * (0.7 + 0.6 * next());
    if (psp + typing.pspSeconds > end) continue;
    happen(pan - 1, eventsOf.session);
    span(counts.captures, pan, cvc - typing.talkSeconds);
    spread(happen, pan, cvc - typing.talkSeconds, eventsOf.pan);
    span(counts.captures, cvc, psp);
    spread(happen, cvc, psp, eventsOf.cvc);
    span(counts.authorising, psp, psp + typing.pspSeconds);
    happen(psp, eventsOf.authorise);
  }
  return {
    seconds,
    calls: series(summed(counts.calls)),
    captures: series(summed(counts.captures)),
    authorising: series(summed(counts.authorising)),
    events: series([...events]),
  };
}

/**
 * What events cost the bus. Each goes in with the call and its session as they are after it, for its agent and again for who
 * follows others; the processor's share is the measured one of an event.
 */
export function busLoad(eventsASecond: number, bytesAnEvent = 5_000, microseconds = 100) {
  return { megabytes: (eventsASecond * bytesAnEvent) / 1e6, processor: (eventsASecond * microseconds) / 1e6 };
}

const counter = (seconds: number): Int32Array => new Int32Array(seconds + 1);

function spread(happen: (at: number, many: number) => void, from: number, to: number, many: number): void {
  for (let n = 0; n < many; n += 1) happen(from + ((to - from) * n) / many, 1);
}

function summed(changes: Int32Array): number[] {
  let now = 0;
  return [...changes.subarray(0, -1)].map((change) => (now += change));
}

function series(values: readonly number[]): Series {
  const sorted = [...values].sort((a, b) => a - b);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, p999: sorted[Math.floor(0.999 * (sorted.length - 1))] ?? 0, most: sorted.at(-1) ?? 0 };
}
