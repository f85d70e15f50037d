import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { expect, test } from 'vitest';
import { readDescription } from '../../../src/cde/media/offer-answer/session-description.ts';
import type { ResidentRequest } from '../../../src/sip-server/resident/resident.ts';
import { ServerLine } from '../../../src/telephony/sip/embedded/server-line.ts';
import { newNegotiation, sdp } from '../media/negotiation-bench.ts';

/*
 * Objects that each call makes are of one hidden class. A field that is added after a spread gives each object a class of its
 * own (V8 of Node 20): that takes twenty times as long, and whatever reads such objects looks their fields up anew.
 */
setFlagsFromString('--allow-natives-syntax');
const sameClass: (one: object, other: object) => boolean = runInThisContext('(one, other) => %HaveSameMap(one, other)');

const warm = 50;

/** Whether what `make` makes is of one class, once it has been made a few times. */
function alike(make: (n: number) => object): boolean {
  const made = Array.from({ length: warm }, (_, n) => make(n));
  const [last = {}, before = {}] = made.slice(-2).reverse();
  return sameClass(last, before);
}

test('a field before a spread does no harm; one after it does in Node 20', () => {
  const source = (n: number) => ({ one: n, two: `${n}` });
  expect(alike((n) => ({ more: n, ...source(n) }))).toBe(true);
  const harmful = process.versions.node.startsWith('20.');
  expect(alike((n) => ({ ...source(n), more: n }))).toBe(!harmful);
});

test('descriptions that were read', () => {
  expect(alike((n) => readDescription(sdp({ port: 4000 + 2 * n })))).toBe(true);
});

test('what a media process is told of a leg', () => {
  const settings = (n: number): object => {
    const negotiation = newNegotiation();
    negotiation.acceptOffer('caller', sdp({ port: 4000 + 2 * n }));
    negotiation.describeOffer('agent');
    negotiation.acceptAnswer('agent', sdp({ port: 6000 + 2 * n }));
    return negotiation.settings('agent') ?? {};
  };
  expect(alike(settings)).toBe(true);
});

test('requests of ours to the SIP server', () => {
  const asked: ResidentRequest[] = [];
  const resident = { request: (request: ResidentRequest) => void asked.push(request) };
  const line = new ServerLine(resident as never);
  const headers = { 'Content-Type': 'application/sdp' };
  const unheard = { answered: () => undefined, refused: () => undefined };
  const last = (): object => asked.at(-1) ?? {};
  const invite = (n: number): object => {
    line.request({ method: 'INVITE', uri: `sip:${n}@192.0.2.1`, headers, body: sdp() }, unheard);
    return last();
  };
  const acknowledge = (n: number): object => {
    line.acknowledge('ACK', `${n}`);
    return last();
  };
  const cancel = (n: number): object => {
    line.cancel(`${n}`);
    return last();
  };
  for (const make of [invite, acknowledge, cancel]) expect(alike(make)).toBe(true);
});
