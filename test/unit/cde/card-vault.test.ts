import { beforeEach, describe, expect, it } from 'vitest';
import { brandRule } from '../../../src/cde/entry/brand-table.ts';
import { CardVault } from '../../../src/cde/entry/card-vault.ts';
import type { DigitBuffer } from '../../../src/cde/entry/digit-buffer.ts';
import { liveWipeables } from '../../../src/cde/entry/wipe-registry.ts';
import { newSessionId, type SessionId } from '../../../src/shared/ids.ts';
import { filledBuffer } from '../../support/filled-buffer.ts';

let vault: CardVault;
let session: SessionId;
let before: number;

/** Keeps a card and gives back its two buffers. */
function keep(): { pan: DigitBuffer; cvc: DigitBuffer } {
  const [pan, cvc] = [filledBuffer('4111111111111111'), filledBuffer('123')];
  const brand = brandRule(pan.expose());
  if (brand === undefined) throw new Error('no brand');
  vault.keepPan(session, pan, brand);
  vault.keepCvc(session, cvc);
  return { pan, cvc };
}

/** Buffers made since the test began that nobody has wiped for good. */
const left = (): number => liveWipeables() - before;

beforeEach(() => {
  vault = new CardVault(2);
  session = newSessionId();
  before = liveWipeables();
});

describe('wiping', () => {
  it.each([
    ['all', null, 0],
    ['the card number, and the code with it', ['pan'] as const, 0],
    ['the code alone', ['cvc'] as const, 1],
    ['a field that is not held here', ['postcode'] as const, 2],
  ])('of %s leaves no buffer of it', (_, fields, expected) => {
    keep();
    vault.wipe(session, fields);
    vault.wipe(session, fields);
    expect(left()).toBe(expected);
    vault.wipe(session, null);
    expect([left(), vault.size]).toEqual([0, 0]);
  });

  it('of a card that is lent waits for its return, and happens then', () => {
    const { pan, cvc } = keep();
    const loan = vault.lend(session);
    vault.wipe(session, null);
    expect([pan.length, cvc.length, vault.size]).toEqual([16, 3, 0]);
    loan[Symbol.dispose]();
    expect([pan.length, cvc.length, left()]).toEqual([0, 0, 0]);
  });

  it('of a code while it is lent does not touch the card number', () => {
    const { pan } = keep();
    const loan = vault.lend(session);
    vault.wipe(session, ['cvc']);
    loan[Symbol.dispose]();
    expect([pan.length, left()]).toEqual([16, 1]);
    using again = vault.lend(session);
    expect(again.cvc).toBeNull();
    vault.wipe(session, null);
  });

  it('of one session leaves the others', () => {
    keep();
    const first = session;
    session = newSessionId();
    keep();
    vault.wipe(first, null);
    expect([vault.brandOf(first), vault.brandOf(session)?.brand, left()]).toEqual([undefined, 'visa', 2]);
    vault.wipe(session, null);
  });
});

it('a card is lent once at a time', () => {
  keep();
  const loan = vault.lend(session);
  expect(() => vault.lend(session)).toThrow(expect.objectContaining({ code: 'wrong-state' }));
  loan[Symbol.dispose]();
  vault.lend(session)[Symbol.dispose]();
  vault.wipe(session, null);
});

it('a new capture can replace a card that is still with a provider, and both are wiped', () => {
  const { pan: old } = keep();
  const loan = vault.lend(session);
  vault.prepare(session, 'pan');
  const { pan: fresh } = keep();
  loan[Symbol.dispose]();
  expect([old.length, fresh.length, left()]).toEqual([0, 16, 2]);
  vault.wipe(session, null);
  expect(left()).toBe(0);
});

it('a code without its card number is wiped at once', () => {
  vault.keepCvc(session, filledBuffer('123'));
  expect([left(), vault.size]).toEqual([0, 0]);
});

it('no more sessions hold cards than the limit says', () => {
  for (let round = 0; round < 2; round += 1) {
    session = newSessionId();
    vault.prepare(session, 'pan');
    keep();
  }
  vault.prepare(session, 'pan');
  expect(vault.size).toBe(1);
  keep();
  expect(() => vault.prepare(newSessionId(), 'pan')).toThrow(expect.objectContaining({ code: 'overloaded' }));
});
