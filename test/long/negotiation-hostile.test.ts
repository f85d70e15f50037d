import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { legSettingsSchema } from '../../src/cde/media/offer-answer/leg-settings.ts';
import type { Negotiation } from '../../src/cde/media/offer-answer/negotiation.ts';
import { codeOf, newNegotiation, sdp } from '../unit/media/negotiation-bench.ts';

let negotiation: Negotiation;

beforeEach(() => {
  negotiation = newNegotiation();
});

describe('hostile descriptions', () => {
  test.each<[string, string]>([
    ['SRTP', sdp({ protocol: 'RTP/SAVP' })],
    ['DTLS', sdp({ protocol: 'UDP/TLS/RTP/SAVPF' })],
    ['a name in place of an address', sdp({ address: 'media.example.com' })],
    ['a multicast address', sdp({ address: '224.2.1.1' })],
    ['the broadcast address', sdp({ address: '255.255.255.255' })],
    ['an address of the other version', sdp({ address: '2001:db8::1' })],
    ['an IPv6 address with a zone', sdp({ address: 'fe80::1%eth0' })],
    ['a refused line', sdp({ port: 0 })],
    ['a port that is none', sdp({ port: 70_000 })],
    ['no audio', 'v=0\r\no=- 1 1 IN IP4 198.51.100.7\r\ns=-\r\nt=0 0\r\nm=video 4000 RTP/AVP 31\r\n'],
    ['no media', 'v=0\r\n'],
    ['an address of ours', sdp({ address: '192.0.2.1', port: 20_002 })],
    ['RTCP to an address of ours', sdp({ address: '192.0.2.1', formats: '0', attributes: ['a=rtcp:20002'] })],
    ['20 media lines', sdp({ before: Array.from({ length: 20 }, () => 'm=video 4000 RTP/AVP 31') })],
    ['9,000 bytes', sdp({ attributes: [`a=x:${'y'.repeat(9000)}`] })],
    ['no formats', sdp({ formats: '' })],
    ['formats that are no numbers', sdp({ formats: '__proto__ constructor -1 1e3 999' })],
    ['codecs by the names of object properties', sdp({ formats: '96', attributes: ['a=rtpmap:96 constructor/8000'] })],
  ])('%s: not acceptable', (_, text) => {
    expect(codeOf(() => negotiation.acceptOffer('caller', text))).toBe('not-acceptable-media');
  });

  test('parameters cannot write lines of their own', () => {
    const attributes = ['a=fmtp:0 x\u0000y', `a=fmtp:8 ${'z'.repeat(300)}`];
    negotiation.acceptOffer('caller', sdp({ formats: '0 8', attributes }));
    expect(negotiation.describeOffer('agent')).not.toMatch(/fmtp|[^\x20-\x7e\r\n]/);
  });

  test('no text whatever is thrown past the layer, and what is taken gives settings in shape', () => {
    const pieces = sdp({
      before: ['m=video 5000 RTP/AVP 31'],
      attributes: [
        'a=rtcp:9',
        'a=rtcp-mux',
        'a=ptime:20',
        'a=sendonly',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-16',
      ],
    }).split('\r\n');
    const mutated = fc
      .array(fc.tuple(fc.nat(pieces.length - 1), fc.nat(40), fc.string({ maxLength: 12 })), { maxLength: 6 })
      .map((changes) => {
        const lines = [...pieces];
        for (const [at, column, text] of changes) {
          const old = lines[at] ?? '';
          lines[at] = old.slice(0, column % (old.length + 1)) + text + old.slice(column % (old.length + 1));
        }
        return lines.join('\r\n');
      });
    fc.assert(
      fc.property(fc.oneof(mutated, mutated, mutated, fc.string({ maxLength: 400 })), (text) => {
        const fresh = newNegotiation();
        const code = codeOf(() => {
          fresh.acceptOffer('caller', text);
          fresh.describeOffer('agent');
          fresh.acceptAnswer('agent', text);
          fresh.describeAnswer('caller');
          expect(legSettingsSchema.safeParse(fresh.settings('caller')).success).toBe(true);
          expect(legSettingsSchema.safeParse(fresh.settings('agent')).success).toBe(true);
        });
        expect(['none', 'not-acceptable-media', 'bad-request']).toContain(code);
      }),
      { numRuns: 500 },
    );
  });
});
