import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { SrtpContext } from '../../../src/cde/media/embedded/srtp/srtp-context.ts';
import { masterBytes, type SuiteName, suiteNames } from '../../../src/cde/media/offer-answer/srtp-suite.ts';
import { newCallId } from '../../../src/shared/ids.ts';
import { type Watched, watchedEngine } from '../../support/media-call.ts';
import { parseRtp } from '../../support/rtp-capture.ts';
import { RtpPhone, rtp } from '../../support/rtp-phone.ts';
import { newNegotiation, sdp } from './negotiation-bench.ts';

const patient = { timeout: 3000, interval: 10 };

const cryptoLine = (suite: SuiteName, key: Buffer, tag = 1): string =>
  `a=crypto:${tag} ${suite} inline:${key.toString('base64')}`;

const keyIn = (text: string, suite: SuiteName): Buffer =>
  Buffer.from(new RegExp(`^a=crypto:\\d+ ${suite} inline:(\\S+)\r$`, 'm').exec(text)?.[1] ?? '', 'base64');

const secured = (text: string, line: string): string =>
  text.replace('RTP/AVP', 'RTP/SAVP').replace('a=ptime', `${line}\r\na=ptime`);

describe('what is agreed', () => {
  const key = randomBytes(30);
  const plain = sdp({});
  const offered = sdp({ protocol: 'RTP/SAVP', attributes: [cryptoLine('AES_CM_128_HMAC_SHA1_80', key, 7)] });
  const policies = (caller: 'require' | 'prefer' | 'refuse') => newNegotiation({ caller, agent: 'refuse' });

  test.each(['require', 'prefer'] as const)(
    '%s: an encrypted offer is answered by its tag, with a key of ours',
    (policy) => {
      const negotiation = policies(policy);
      negotiation.acceptOffer('caller', offered);
      const answer = negotiation.describeAnswer('caller');
      expect(answer).toContain('m=audio 20000 RTP/SAVP');
      expect(answer.match(/^a=crypto:7 AES_CM_128_HMAC_SHA1_80 inline:/gm)).toHaveLength(1);
      const srtp = negotiation.settings('caller')?.srtp;
      expect(srtp).toMatchObject({ suite: 'AES_CM_128_HMAC_SHA1_80', receive: key.toString('base64') });
      expect(srtp?.send).toBe(keyIn(answer, 'AES_CM_128_HMAC_SHA1_80').toString('base64'));
      expect(srtp?.send).not.toBe(srtp?.receive);
    },
  );

  test('refuse: an encrypted offer is refused, and keys under the plain profile are passed over', () => {
    expect(() => policies('refuse').acceptOffer('caller', offered)).toThrow('this leg takes no SRTP');
    const negotiation = policies('refuse');
    negotiation.acceptOffer('caller', offered.replace('RTP/SAVP', 'RTP/AVP'));
    expect(negotiation.describeAnswer('caller')).not.toContain('crypto');
    expect(negotiation.settings('caller')?.srtp).toBeNull();
  });

  test('require: a plain offer and a plain answer are refused; prefer: both are taken', () => {
    expect(() => policies('require').acceptOffer('caller', plain)).toThrow('no SRTP key');
    const asked = policies('require');
    expect(asked.describeOffer('caller')).toContain('RTP/SAVP');
    expect(() => asked.acceptAnswer('caller', plain)).toThrow('an answer without an SRTP key');
    const either = policies('prefer');
    const offer = either.describeOffer('caller');
    expect(offer).toContain('RTP/AVP');
    expect(suiteNames.map((suite) => keyIn(offer, suite).length)).toEqual(suiteNames.map(masterBytes));
    either.acceptAnswer('caller', plain);
    expect(either.settings('caller')?.srtp).toBeNull();
  });

  test('an answer is bound to the tag and suite that were offered', () => {
    const negotiation = policies('prefer');
    negotiation.describeOffer('caller');
    negotiation.acceptAnswer('caller', offered);
    expect(negotiation.settings('caller')?.srtp).toBeNull();
    negotiation.acceptAnswer('caller', offered.replace('crypto:7', 'crypto:3'));
    expect(negotiation.settings('caller')?.srtp).toMatchObject({ suite: 'AES_CM_128_HMAC_SHA1_80' });
  });

  test('our keys stay the same from offer to offer, and no two legs have the same', () => {
    const negotiation = newNegotiation({ caller: 'prefer', agent: 'prefer' });
    expect(negotiation.describeOffer('caller')).toBe(negotiation.describeOffer('caller'));
    const [caller, agent] = [negotiation.describeOffer('caller'), negotiation.describeOffer('agent')];
    for (const suite of suiteNames) expect(keyIn(caller, suite)).not.toEqual(keyIn(agent, suite));
  });

  test.each([
    ['|2^31|1:1', '01'],
    ['|1:4', '00000001'],
    ['|1048576|258:2', '0102'],
  ])('a key that is named (%s) is taken, and ours is named in the same way', (named, mki) => {
    const negotiation = policies('require');
    const line = `${cryptoLine('AES_CM_128_HMAC_SHA1_80', key)}${named}`;
    negotiation.acceptOffer('caller', sdp({ protocol: 'RTP/SAVP', attributes: [line] }));
    const answer = negotiation.describeAnswer('caller');
    expect(answer).toMatch(new RegExp(`^a=crypto:1 \\S+ inline:[^|\r]+\\|${named.split('|').at(-1)}\r$`, 'm'));
    expect(negotiation.settings('caller')?.srtp).toMatchObject({ sendMki: mki, receiveMki: mki });
  });

  test('an answer may name its key where our offer did not; ours stays without a name', () => {
    const negotiation = policies('prefer');
    negotiation.describeOffer('caller');
    negotiation.acceptAnswer('caller', offered.replace('crypto:7', 'crypto:3').replace(/(inline:\S+)/, '$1|1:4'));
    expect(negotiation.settings('caller')?.srtp).toMatchObject({ sendMki: '', receiveMki: '00000001' });
  });

  test.each([
    ['a key that is too short', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA'],
    ['an unknown suite', `a=crypto:1 F8_128_HMAC_SHA1_80 inline:${key.toString('base64')}`],
    ['a key identifier that does not fit its length', `${cryptoLine('AES_CM_128_HMAC_SHA1_80', key)}|2^20|256:1`],
    ['a key identifier of no length', `${cryptoLine('AES_CM_128_HMAC_SHA1_80', key)}|1:0`],
    [
      'several keys',
      `${cryptoLine('AES_CM_128_HMAC_SHA1_80', key)}|2^20|1:4;inline:${key.toString('base64')}|2^20|2:4`,
    ],
    ['a session parameter', `${cryptoLine('AES_CM_128_HMAC_SHA1_80', key)} UNENCRYPTED_SRTP`],
  ])('an encrypted offer whose only line has %s is refused', (_, line) => {
    const negotiation = policies('prefer');
    expect(() => negotiation.acceptOffer('caller', sdp({ protocol: 'RTP/SAVP', attributes: [line] }))).toThrow(
      'no SRTP key',
    );
  });
});

describe.each(suiteNames)('a call whose customer speaks %s', (suite) => {
  let watched: Watched;

  afterEach(() => watched.engine.close());

  test('is heard in plain on the other side, its keys too; forged, repeated and plain packets are refused', async () => {
    watched = await watchedEngine({ srtp: { caller: 'require', agent: 'refuse' } });
    const { engine } = watched;
    const [id, caller, agent] = [newCallId(), await RtpPhone.open(), await RtpPhone.open()];
    const master = randomBytes(masterBytes(suite));
    await engine.createCall(id);
    await engine.acceptOffer(id, 'caller', secured(caller.sdp(), cryptoLine(suite, master)));
    agent.follow(await engine.describeOffer(id, 'agent'));
    await engine.acceptAnswer(id, 'agent', agent.sdp());
    const answer = await engine.describeAnswer(id, 'caller');
    caller.follow(answer);
    const [sender, receiver] = [new SrtpContext(suite, master), new SrtpContext(suite, keyIn(answer, suite))];
    const sealed = (packet: Buffer): Buffer => {
      const out = Buffer.alloc(2000);
      return out.subarray(0, sender.protect(packet, 0, packet.length, out));
    };
    const sound = (i: number): Buffer => rtp(0, false, i, 160 * i, 77, Buffer.alloc(160, 0x21));
    const first = sealed(sound(1));
    const changed = Buffer.from(first);
    changed[40] = (changed[40] as number) ^ 1;
    for (const bytes of [changed, sound(1), first, first, sealed(sound(2))]) caller.sendRaw(bytes);
    caller.sendRaw(sealed(rtp(caller.eventPayloadType, true, 3, 480, 77, Buffer.from([9, 10, 0, 160]))));
    agent.talk('tone');
    const passed = () => agent.heard.packets.filter(({ payload }) => payload.equals(Buffer.alloc(160, 0x21)));
    await expect.poll(() => watched.presses.map(({ key }) => key), patient).toEqual([9]);
    await expect.poll(() => passed().length, patient).toBe(2);
    await expect.poll(() => caller.heard.packets.length, patient).toBeGreaterThan(2);
    const heard = caller.heard.packets.map(({ payloadType, marker, sequence, timestamp, ssrc, payload }) => {
      const copy = rtp(payloadType, marker, sequence, timestamp, ssrc, payload);
      const length = receiver.unprotect(copy, copy.length);
      return length < 0 ? undefined : parseRtp(copy.subarray(0, length), '', 0);
    });
    expect(heard.every((packet) => packet?.payload.length === 160)).toBe(true);
    const report = await engine.endCall(id);
    expect(report.caller).toMatchObject({ received: 3, refused: 3 });
    await Promise.all([caller.close(), agent.close()]);
  });
});
