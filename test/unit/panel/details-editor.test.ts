import { expect, test } from 'vitest';
import { DetailsEditor } from '../../../src/panel/details-editor.ts';
import { readField } from '../../../src/panel/field-value.ts';
import { deferred } from '../../support/deferred.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function editor(send: (details: object) => Promise<unknown> = async () => undefined) {
  const clock = new FakeClock();
  const sent: object[] = [];
  const refused: unknown[] = [];
  const editing = new DetailsEditor({
    send: (details) => {
      sent.push(details);
      return send(details);
    },
    after: (ms, fire) => {
      const timer = clock.after(ms, fire);
      return () => timer.cancel();
    },
    changed: () => undefined,
    refused: (error) => refused.push(error),
  });
  return { editing, clock, sent, refused };
}

test('typing is sent after a pause, once, with everything that was typed', async () => {
  const { editing, clock, sent } = editor();
  editing.edit('cardholder', 'A', () => ({ value: 'A' }));
  editing.edit('cardholder', 'A. Sample', () => ({ value: 'A. Sample' }));
  editing.edit('amount', '12', () => ({ value: 1200 }));
  await clock.run(1000);
  expect(sent).toEqual([{ cardholder: 'A. Sample', amount: 1200 }]);
});

test('a command waits for what is on its way: the amount on the screen is the amount that is authorised', async () => {
  const first = deferred<void>();
  const { editing, sent } = editor(() => (sent.length === 1 ? first.promise : Promise.resolve()));
  editing.edit('amount', '10', () => ({ value: 1000 }));
  const early = editing.flush();
  editing.edit('amount', '20', () => ({ value: 2000 }));
  let done = false;
  const late = editing.flush().then(() => {
    done = true;
  });
  await Promise.resolve();
  expect(done).toBe(false);
  first.resolve();
  await Promise.all([early, late]);
  expect(sent).toEqual([{ amount: 1000 }, { amount: 2000 }]);
});

test('what means nothing stays on the screen, is not sent, and keeps Authorise shut', async () => {
  const { editing, sent } = editor();
  editing.edit('expiry', '99/99', () => ({ problem: 'dateInvalid' }));
  await editing.leave('expiry');
  expect(sent).toEqual([]);
  expect(editing.text('expiry')).toBe('99/99');
  expect(editing.ahead).toBe(true);
  editing.edit('expiry', '04/28', () => ({ value: '04/28' }));
  await editing.leave('expiry');
  expect(editing.text('expiry')).toBeUndefined();
  expect(editing.ahead).toBe(false);
});

test('what the server does not take stops the command that waits for it, and keeps Authorise shut', async () => {
  const { editing, clock, refused } = editor(() => Promise.reject(new Error('no')));
  editing.edit('amount', '10', () => ({ value: 1000 }));
  await expect(editing.flush()).rejects.toThrow('no');
  expect(editing.ahead).toBe(true);
  editing.edit('amount', '11', () => ({ value: 1100 }));
  await clock.run(1000);
  expect(refused).toHaveLength(1);
  editing.reset();
  expect([editing.ahead, clock.pending]).toEqual([false, 0]);
});

test('an amount is read in the currency that is chosen, also while the server has not heard of it', async () => {
  const answer = deferred<void>();
  const { editing, sent, clock } = editor(() => (sent.length === 1 ? answer.promise : Promise.resolve()));
  const read = (text: string) => () => readField('amount', text, String(editing.value('currency')));
  editing.settle({ currency: 'JPY' });
  editing.edit('amount', '10.12', read('10.12'));
  expect(editing.reading('amount')).toEqual({ problem: 'amountNoDecimals' });
  editing.choose('currency', 'EUR');
  expect(editing.reading('amount')).toEqual({ value: 1012 });
  expect(sent).toEqual([{ currency: 'EUR', amount: 1012 }]);
  answer.resolve();
  editing.settle({ currency: 'EUR', amount: 1012 });
  editing.edit('amount', '12', read('12'));
  await clock.run(1000);
  expect(sent.at(-1)).toEqual({ amount: 1200 });
});

test('a choice that the server refuses is no choice', async () => {
  const { editing, refused } = editor(() => Promise.reject(new Error('no')));
  editing.settle({ currency: 'JPY' });
  editing.choose('currency', 'EUR');
  await editing.flush().catch(() => undefined);
  expect(editing.value('currency')).toBe('JPY');
  expect(refused.length).toBeGreaterThan(0);
});
