import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { openForkedLink } from '../../src/cde/media/embedded/forked-link.ts';
import type { MediaEngine } from '../../src/cde/media/media-engine.ts';
import { type SuiteName, suiteNames } from '../../src/cde/media/offer-answer/srtp-suite.ts';
import { newCallId } from '../../src/shared/ids.ts';
import { Baresip, hasBaresip } from '../support/baresip.ts';
import { watchedEngine } from '../support/media-call.ts';
import type { PhoneCall } from '../support/phone-call.ts';
import { RtpPhone } from '../support/rtp-phone.ts';
import { SipPhone } from '../support/sip-phone.ts';
import { hasCommand } from '../support/sipp.ts';
import { heardTones } from '../support/wire-capture.ts';

/* The other end is baresip (Debian's baresip-core): SRTP of another author, with his keys in his description. */
const patient = { timeout: 15_000, interval: 50 };
/** A row's and a column's tone without end: key 5, which baresip says back. */
const keyTone = (n: number): number =>
  6000 * (Math.sin((2 * Math.PI * 770 * n) / 8000) + Math.sin((2 * Math.PI * 1336 * n) / 8000));

let engine: MediaEngine;
let baresip: Baresip;
let line: SipPhone;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (!hasBaresip) return;
  ({ engine } = await watchedEngine({ srtp: { caller: 'refuse', agent: 'require' } }, openForkedLink));
  [baresip, line] = [await Baresip.start(), await SipPhone.open()];
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

afterAll(async () => {
  await Promise.all([engine?.close(), baresip?.stop(), line?.close()]);
});

/** The offer with the key of one suite alone, which then has to be taken. */
const withOnly = (suite: SuiteName, offer: string): string =>
  offer
    .split('\r\n')
    .filter((text) => !text.startsWith('a=crypto:') || text.includes(` ${suite} `))
    .join('\r\n');

/** A customer without SRTP, and baresip as the agent with one suite. */
async function call(
  suite: SuiteName,
): Promise<{ customer: RtpPhone; agent: PhoneCall; id: ReturnType<typeof newCallId> }> {
  const id = newCallId();
  const customer = await RtpPhone.open();
  closing.push(() => customer.close());
  await engine.createCall(id);
  await engine.acceptOffer(id, 'caller', customer.sdp());
  const offer = withOnly(suite, await engine.describeOffer(id, 'agent'));
  const agent = await line.call(`sip:agent@127.0.0.1:${baresip.sip.port}`, baresip.sip, { offer });
  await agent.answered;
  closing.push(() => agent.bye());
  await engine.acceptAnswer(id, 'agent', agent.remoteSdp);
  customer.follow(await engine.describeAnswer(id, 'caller'));
  return { customer, agent, id };
}

describe.skipIf(!hasBaresip || !hasCommand('multimon-ng'))('an agent on a telephone of somebody else’s', () => {
  test.each(suiteNames)('%s: what it opened, said back and closed again comes to the customer', async (suite) => {
    const { customer, agent, id } = await call(suite);
    expect(agent.remoteSdp).toMatch(new RegExp(`^a=crypto:\\d+ ${suite} inline:`, 'm'));
    customer.talk(keyTone);
    const heard = (): string => heardTones(0, Buffer.concat(customer.heard.packets.map(({ payload }) => payload)));
    await expect.poll(heard, patient).toMatch(/^5+$/);
    expect(baresip.text).toContain(`SRTP is Enabled (cryptosuite=${suite})`);
    expect(baresip.text).not.toMatch(/failed to decrypt/);
    const report = await engine.endCall(id);
    expect(report.agent.received).toBeGreaterThan(0);
    // A packet that could not be proven would be a gap. What came before the answer was known is refused, and none of these.
    expect(report.agent.lost).toBe(0);
  });
});
