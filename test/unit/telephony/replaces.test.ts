import { describe, expect, it } from 'vitest';
import type { LegSide } from '../../../src/shared/leg-side.ts';
import { farEndOf, parseReplaces } from '../../../src/telephony/replaces.ts';
import type { SipDialog } from '../../../src/telephony/sip-port.ts';
import { FakeDialog } from './fake-line.ts';

describe('Replaces', () => {
  it.each([
    ['a@b;to-tag=1;from-tag=2', { callId: 'a@b', toTag: '1', fromTag: '2', earlyOnly: false }],
    ['a@b ; From-Tag=2;early-only;TO-TAG=1', { callId: 'a@b', toTag: '1', fromTag: '2', earlyOnly: true }],
    ['a@b;to-tag=1', undefined],
    ['', undefined],
  ])('%s is read', (value, expected) => {
    expect(parseReplaces(value)).toEqual(expected);
  });

  it('that names a dialog of ours leads to the far end, by the name that the far end knows', () => {
    const [near, far] = [new FakeDialog(), new FakeDialog()];
    const dialogs = new Map<LegSide, SipDialog>([
      ['agent', near],
      ['caller', far],
    ]);
    const { callId, localTag, remoteTag } = near.identity;
    const earlyOnly = false;
    expect(farEndOf(dialogs, { callId, toTag: localTag, fromTag: remoteTag, earlyOnly })).toEqual({
      uri: far.identity.remoteTarget,
      replaces: `${far.identity.callId};to-tag=${far.identity.remoteTag};from-tag=${far.identity.localTag}`,
    });
    // Tags the wrong way round, or of somebody who has only seen the Call-ID, mean nothing.
    expect(farEndOf(dialogs, { callId, toTag: remoteTag, fromTag: localTag, earlyOnly })).toBeUndefined();
    expect(farEndOf(dialogs, { callId, toTag: 'x', fromTag: 'y', earlyOnly })).toBeUndefined();
  });
});
