import { beforeEach, describe, expect, test } from 'vitest';
import type { Negotiation } from '../../../src/cde/media/offer-answer/negotiation.ts';
import { codeOf, formatsOf, line, newNegotiation, noEvents, sdp } from './negotiation-bench.ts';

let negotiation: Negotiation;

beforeEach(() => {
  negotiation = newNegotiation();
});

describe('an offer from the caller', () => {
  test('reaches the agent with our address, and is answered with what the agent has', () => {
    negotiation.acceptOffer('caller', sdp());
    const offer = negotiation.describeOffer('agent');
    expect(line(offer, 'c=')).toBe('c=IN IP4 192.0.2.1');
    expect(line(offer, 'm=audio')).toBe('m=audio 20002 RTP/AVP 0 8 101');
    negotiation.acceptAnswer('agent', sdp({ formats: '8 101' }));
    const answer = negotiation.describeAnswer('caller');
    expect(line(answer, 'm=audio')).toBe('m=audio 20000 RTP/AVP 8 101');
    expect(line(answer, 'a=rtcp:')).toBe('a=rtcp:20001');
    expect(negotiation.describeAnswer('caller')).toBe(answer);
  });

  test('without events is still offered none to the agent, and answered without', () => {
    negotiation.acceptOffer('caller', sdp({ formats: '0', attributes: noEvents }));
    expect(formatsOf(negotiation.describeOffer('agent'))).toBe('0 8');
    negotiation.acceptAnswer('agent', sdp({ formats: '0', attributes: noEvents }));
    expect(formatsOf(negotiation.describeAnswer('caller'))).toBe('0');
  });

  test('with redundancy for events (RFC 2198) is answered with it where all that it wraps is taken', () => {
    const attributes = ['a=rtpmap:101 telephone-event/8000', 'a=rtpmap:121 red/8000', 'a=fmtp:121 101/101/101'];
    const unknown = ['a=rtpmap:122 red/8000', 'a=fmtp:122 97/97'];
    negotiation.acceptOffer('caller', sdp({ formats: '0 101 121 122', attributes: [...attributes, ...unknown] }));
    expect(formatsOf(negotiation.describeOffer('agent'))).not.toContain('121');
    negotiation.acceptAnswer('agent', sdp({ formats: '0', attributes: noEvents }));
    const answer = negotiation.describeAnswer('caller');
    expect(formatsOf(answer)).toBe('0 101 121');
    expect(answer).toContain('a=fmtp:121 101/101/101');
    expect(negotiation.settings('caller')?.redundant).toEqual([{ receive: 121, clockRate: 8000 }]);
  });

  test('loses what we cannot silence, and is refused when nothing is left', () => {
    const attributes = [
      'a=rtpmap:97 iLBC/8000',
      'a=rtpmap:98 AMR/8000',
      'a=rtpmap:111 opus/48000/2',
      'a=fmtp:111 useinbandfec=1',
    ];
    negotiation.acceptOffer('caller', sdp({ formats: '97 111 98', attributes }));
    const offer = negotiation.describeOffer('agent');
    expect(formatsOf(offer)).toBe('111');
    expect(offer).toContain('a=fmtp:111 useinbandfec=1');
    const only = sdp({ formats: '97', attributes });
    expect(codeOf(() => negotiation.acceptOffer('caller', only))).toBe('not-acceptable-media');
  });

  test('with only comfort noise beside codecs that the agent refuses is not answered', () => {
    negotiation.acceptOffer('caller', sdp({ formats: '9 13', attributes: noEvents }));
    negotiation.describeOffer('agent');
    const answer = sdp({ formats: '13', attributes: noEvents });
    expect(codeOf(() => negotiation.acceptAnswer('agent', answer))).toBe('not-acceptable-media');
  });

  test('of one law of G.711 can be answered by an agent of the other', () => {
    negotiation.acceptOffer('caller', sdp({ formats: '0', attributes: noEvents }));
    negotiation.describeOffer('agent');
    negotiation.acceptAnswer('agent', sdp({ formats: '8', attributes: noEvents }));
    expect(formatsOf(negotiation.describeAnswer('caller'))).toBe('0');
  });

  test('keeps its other media lines in place, with port 0', () => {
    const before = ['m=video 5000 RTP/AVP 31'];
    const after = ['m=application 9 UDP/DTLS/SCTP webrtc-datachannel'];
    negotiation.acceptOffer('caller', sdp({ before, after }));
    negotiation.describeOffer('agent');
    negotiation.acceptAnswer('agent', sdp());
    const media = negotiation
      .describeAnswer('caller')
      .split('\r\n')
      .filter((each) => each.startsWith('m='));
    expect(media).toEqual([
      'm=video 0 RTP/AVP 31',
      'm=audio 20000 RTP/AVP 0 8 101',
      'm=application 0 UDP/DTLS/SCTP webrtc-datachannel',
    ]);
  });
});

describe('payload types', () => {
  test('are each leg’s own: by the peer’s number we send, by ours it sends', () => {
    const caller = ['a=rtpmap:96 telephone-event/8000', 'a=rtpmap:107 opus/48000/2'];
    negotiation.acceptOffer('caller', sdp({ formats: '107 0 96', attributes: caller }));
    negotiation.describeOffer('agent');
    const agent = ['a=rtpmap:110 opus/48000/2', 'a=rtpmap:120 telephone-event/8000'];
    negotiation.acceptAnswer('agent', sdp({ formats: '110 0 120', attributes: agent }));
    negotiation.describeAnswer('caller');
    const opus = negotiation.settings('agent')?.codecs.find(({ name }) => name === 'opus/48000/2');
    expect(opus).toMatchObject({ receive: 107, send: 110, silence: 'OPUS' });
    expect(negotiation.settings('agent')?.events).toEqual([{ receive: 96, send: 120, clockRate: 8000 }]);
    expect(negotiation.settings('caller')?.events).toEqual([{ receive: 96, send: 96, clockRate: 8000 }]);
  });

  test('once given stand for the same codec in every later offer (RFC 3264 §8.3.2)', () => {
    negotiation.acceptOffer('caller', sdp());
    negotiation.describeOffer('agent');
    const agent = ['a=rtpmap:100 telephone-event/8000'];
    negotiation.acceptAnswer('agent', sdp({ formats: '0 100', attributes: agent }));
    negotiation.describeAnswer('caller');
    negotiation.acceptOffer('agent', sdp({ formats: '0 100', attributes: agent }));
    expect(formatsOf(negotiation.describeOffer('caller'))).toBe('0 8 101');
  });
});

describe('telephone-event', () => {
  test('is offered to the customer though the agent side has none', () => {
    negotiation.acceptOffer('agent', sdp({ formats: '8', attributes: noEvents }));
    const offer = negotiation.describeOffer('caller');
    expect(formatsOf(offer)).toBe('8 0 101');
    expect(offer).toContain('a=rtpmap:101 telephone-event/8000');
    negotiation.acceptAnswer('caller', sdp({ formats: '8 101' }));
    expect(formatsOf(negotiation.describeAnswer('agent'))).toBe('8');
  });

  test('is offered to the customer at the clock of each codec (RFC 4733 §2.1)', () => {
    negotiation.acceptOffer('agent', sdp({ formats: '111', attributes: ['a=rtpmap:111 opus/48000/2'] }));
    const offer = negotiation.describeOffer('caller');
    expect(offer).toContain('telephone-event/8000');
    expect(offer).toContain('telephone-event/48000');
  });
});

describe('a late offer (INVITE without a description)', () => {
  test('begins with an offer of ours to the agent, and goes to the caller by what the agent answered', () => {
    expect(formatsOf(negotiation.describeOffer('agent'))).toBe('0 8 101');
    negotiation.acceptAnswer('agent', sdp({ formats: '8 101' }));
    expect(formatsOf(negotiation.describeOffer('caller'))).toBe('8 0 101');
    negotiation.acceptAnswer('caller', sdp({ formats: '8 101' }));
    expect(negotiation.settings('caller')).toMatchObject({ listens: true, talks: true });
  });

  test('needs an offer before an answer can be taken or given', () => {
    expect(codeOf(() => negotiation.acceptAnswer('agent', sdp()))).toBe('bad-request');
    expect(codeOf(() => negotiation.describeAnswer('agent'))).toBe('bad-request');
    expect(codeOf(() => negotiation.acceptOffer('agent', ' '))).toBe('bad-request');
  });
});

describe('later exchanges', () => {
  beforeEach(() => {
    negotiation.acceptOffer('caller', sdp());
    negotiation.describeOffer('agent');
    negotiation.acceptAnswer('agent', sdp());
    negotiation.describeAnswer('caller');
  });

  test.each([
    ['sendonly', 'recvonly', 'recvonly', { listens: false, talks: true }],
    ['recvonly', 'sendonly', 'sendonly', { listens: true, talks: false }],
    ['inactive', 'inactive', 'inactive', { listens: false, talks: false }],
    ['sendrecv', 'sendrecv', 'sendrecv', { listens: true, talks: true }],
  ])('hold: an agent that offers %s is answered %s', (direction, answered, callerAnswer, settings) => {
    negotiation.acceptOffer('agent', sdp({ attributes: [`a=${direction}`], formats: '0' }));
    expect(line(negotiation.describeOffer('caller'), `a=${direction}`)).toBe(`a=${direction}`);
    negotiation.acceptAnswer('caller', sdp({ attributes: [`a=${callerAnswer}`], formats: '0' }));
    expect(line(negotiation.describeAnswer('agent'), `a=${answered}`)).toBe(`a=${answered}`);
    expect(negotiation.settings('agent')).toMatchObject(settings);
  });

  test('hold by 0.0.0.0 sends nothing there (RFC 3264 §8.4)', () => {
    negotiation.acceptOffer('agent', sdp({ address: '0.0.0.0', formats: '0', attributes: noEvents }));
    negotiation.describeOffer('caller');
    negotiation.acceptAnswer('caller', sdp({ formats: '0', attributes: ['a=recvonly'] }));
    negotiation.describeAnswer('agent');
    expect(negotiation.settings('agent')).toMatchObject({ remote: null, listens: false });
  });

  test('an offer that is rolled back leaves what ran before', () => {
    const before = negotiation.settings('agent');
    negotiation.acceptOffer('agent', sdp({ port: 5000, formats: '8', attributes: noEvents }));
    negotiation.describeOffer('caller');
    negotiation.rollback('agent');
    negotiation.rollback('caller');
    expect(negotiation.settings('agent')).toEqual(before);
    expect(codeOf(() => negotiation.describeAnswer('agent'))).toBe('bad-request');
  });

  test('a refused offer leaves what ran before', () => {
    const before = negotiation.settings('caller');
    expect(codeOf(() => negotiation.acceptOffer('caller', sdp({ protocol: 'RTP/SAVP' })))).toBe('not-acceptable-media');
    expect(negotiation.settings('caller')).toEqual(before);
  });

  test('the version of our description rises with each change, and only then', () => {
    const version = (text: string) => line(text, 'o=')?.split(' ')[2];
    const same = negotiation.describeOffer('agent');
    expect(version(negotiation.describeOffer('agent'))).toBe(version(same));
    negotiation.acceptOffer('caller', sdp({ formats: '0', attributes: ['a=sendonly'] }));
    expect(version(negotiation.describeOffer('agent'))).toBe(String(Number(version(same)) + 1));
  });

  test('a final answer may differ from the provisional one', () => {
    negotiation.acceptAnswer('agent', sdp({ port: 6000 }));
    expect(negotiation.settings('agent')?.remote).toMatchObject({ port: 6000, rtcpPort: 6001 });
  });
});

describe('RTCP', () => {
  test('is multiplexed where the peer offers that, and only there', () => {
    negotiation.acceptOffer('caller', sdp({ attributes: ['a=rtcp-mux'], formats: '0', protocol: 'RTP/AVPF' }));
    expect(negotiation.describeOffer('agent')).not.toContain('a=rtcp-mux');
    negotiation.acceptAnswer('agent', sdp({ formats: '0', attributes: ['a=rtcp:4711'] }));
    const answer = negotiation.describeAnswer('caller');
    expect(answer).toContain('a=rtcp-mux');
    expect(line(answer, 'm=audio')).toContain('RTP/AVPF');
    expect(negotiation.settings('caller')).toMatchObject({ mux: true, remote: { port: 4000, rtcpPort: 4000 } });
    expect(negotiation.settings('agent')).toMatchObject({ mux: false, remote: { rtcpPort: 4711 } });
  });
});
