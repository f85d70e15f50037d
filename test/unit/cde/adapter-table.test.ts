import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeAuthoriser } from '../../../src/cde/authorisation/make-authoriser.ts';
import { adapterNames } from '../../../src/cde/authorisation/psp-settings.ts';
import { CardVault } from '../../../src/cde/entry/card-vault.ts';
import type { PspDescription } from '../../../src/cde/messages.ts';
import type { RoomSettings } from '../../../src/cde/room-settings.ts';
import { systemClock } from '../../../src/shared/clock.ts';

/** The rows of the README's table, by adapter. */
function rowsOfTheReadme(): Map<string, string[]> {
  const text = readFileSync(new URL('../../../src/cde/README.md', import.meta.url), 'utf8');
  const table = text.slice(text.indexOf('| adapter |')).split('\n\n')[0] ?? '';
  const rows = table.split('\n').map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')));
  return new Map(rows.slice(2).map(([, adapter = '', ...cells]) => [adapter, cells]));
}

function descriptions(): Map<string, PspDescription> {
  const psps = adapterNames.map((adapter) => ({
    id: adapter,
    adapter,
    url: 'https://127.0.0.1/',
    merchantAccount: 'M',
  }));
  const settings = { psps, keepPanAfterDecline: true } as unknown as RoomSettings;
  const authoriser = makeAuthoriser(settings, new CardVault(1), systemClock, () => {});
  return new Map(authoriser.describe().map((psp) => [psp.id, psp]));
}

const hours = (text: string): number | null => {
  const [, number = '', unit] = /^(\d+) (h|days)/.exec(text) ?? [];
  return unit === undefined ? null : Number(number) * (unit === 'h' ? 1 : 24);
};

test.each([...descriptions()])('what the README says of %s is what its adapter says of itself', (adapter, psp) => {
  const [header, kept = '', asked = '', voided = '', refunds = '', later = ''] = rowsOfTheReadme().get(adapter) ?? [];
  const said = { header: psp.idempotency?.header ?? 'the attempt itself', hours: psp.idempotency?.hours };
  expect({ header, hours: hours(kept) }).toEqual(said);
  expect([asked, voided].map((cell) => cell !== 'no')).toEqual([psp.can.enquire, psp.can.void]);
  expect([/full/.test(refunds), /partial/.test(refunds)]).toEqual([psp.can.refund, psp.can.partialRefund]);
  expect(/^enquiries find out/.test(later) ? 'enquiries' : 'nobody').toBe(psp.timeOut.resolvedBy);
  expect(psp.timeOut.seconds).toBe(30);
});
