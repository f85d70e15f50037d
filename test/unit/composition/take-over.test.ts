import { describe, expect, it } from 'vitest';
import { TakeOver } from '../../../src/composition/take-over.ts';
import type { LeftOpen } from '../../../src/ledger/left-open.ts';
import { CodedError } from '../../../src/shared/coded-error.ts';
import { intent } from '../../support/book-entries.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const afterMs = 60_000;

/** A gateway beside another whose chain is nobody's, and what it did about that. */
function beside(left: LeftOpen | undefined) {
  const clock = new FakeClock();
  const chains = [{ gateway: 'other', seq: 7 }];
  const done: string[] = [];
  let broken = false;
  const takeOver = new TakeOver({
    book: {
      abandoned: async () => {
        if (broken) throw new CodedError('storage-failed');
        return [...chains];
      },
      takeOver: async (gateway) => {
        done.push(`asked ${gateway}`);
        return left;
      },
    },
    desk: {
      adopt: async (intents, code) => void done.push(`${intents.length} payments: ${code}`),
      dropQuotes: async (intents) => void done.push(`${intents.length} quotes`),
    },
    refunds: { adopt: async (intents) => void done.push(`${intents.length} refunds`) },
    webhooks: { take: (notices) => void done.push(`${notices.length} webhooks`) },
    clock,
    afterMs,
    took: (gateway) => done.push(`took ${gateway}`),
    failed: () => done.push('failed'),
  });
  return { clock, chains, done, takeOver, fail: (now: boolean) => (broken = now) };
}

const something: LeftOpen = { payments: [intent()], quotes: [intent()], refunds: [], notices: [] };

describe('a gateway beside one that does not come back', () => {
  it('takes over once the chain has been nobody’s for as long as configured, and then leaves it alone', async () => {
    const { clock, done, takeOver } = beside(something);
    takeOver.start();
    await clock.run(afterMs);
    expect(done).toEqual([]);
    await clock.run(afterMs);
    const once = ['asked other', 'took other', '0 webhooks', '1 payments: gateway-lost', '1 quotes', '0 refunds'];
    expect(done).toEqual(once);
    await clock.run(10 * afterMs);
    expect(done).toEqual(once);
    takeOver.stop();
    expect(clock.pending).toBe(0);
  });

  it('waits anew when the chain has moved or had somebody in between', async () => {
    const { clock, chains, done, takeOver } = beside(something);
    await takeOver.look();
    clock.advance(afterMs);
    chains[0] = { gateway: 'other', seq: 8 };
    await takeOver.look();
    clock.advance(afterMs);
    chains.length = 0;
    await takeOver.look();
    chains.push({ gateway: 'other', seq: 8 });
    await takeOver.look();
    expect(done).toEqual([]);
  });

  it('asks again as long as the storage fails or says that the other lives', async () => {
    const { clock, done, takeOver, fail } = beside(undefined);
    await takeOver.look();
    clock.advance(afterMs);
    fail(true);
    await takeOver.look();
    fail(false);
    await takeOver.look();
    await takeOver.look();
    expect(done).toEqual(['failed', 'asked other', 'asked other']);
  });
});
