import { expect, test } from 'vitest';
import type { MediaLink } from '../../../src/cde/media/embedded/media-link.ts';
import { ProcessSlot } from '../../../src/cde/media/embedded/process-slot.ts';
import type { Timer } from '../../../src/shared/clock.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { engineOptions } from '../../support/media-call.ts';

/** As Node's timers are: they fire up to a millisecond before the clock says that it is time. */
class HastyClock extends FakeClock {
  override after(ms: number, fire: () => void): Timer {
    return super.after(ms - 0.5, fire);
  }
}

const paperLink = (): MediaLink => ({
  request: () => Promise.reject(new Error('nobody asks this one')),
  configure: () => undefined,
  close: () => undefined,
});

function slotOn(clock: FakeClock) {
  const deaths: (() => void)[] = [];
  const told = { ready: [] as boolean[], died: 0 };
  const slot: ProcessSlot = new ProcessSlot(
    async (_, events) => {
      deaths.push(events.died);
      return paperLink();
    },
    clock,
    engineOptions({}),
    { pressed: () => undefined, lost: () => undefined, leaked: () => undefined, failed: () => undefined },
    () => (told.died += 1),
    () => told.ready.push(slot.ready),
  );
  return { slot, told, deaths };
}

test('a media process that died is started again after a second, though the timer fires a little early', async () => {
  const clock = new HastyClock();
  const { slot, told, deaths } = slotOn(clock);
  await slot.link();
  await settle();
  deaths[0]?.();
  expect(told).toEqual({ ready: [true, false], died: 1 });
  await expect(slot.link()).rejects.toMatchObject({ code: 'media-failed' });
  await clock.run(999);
  expect(deaths).toHaveLength(1);
  await clock.run(1);
  expect(told).toEqual({ ready: [true, false, true], died: 1 });
  expect(deaths).toHaveLength(2);
});

test('one that died and was closed stays away', async () => {
  const clock = new HastyClock();
  const { slot, deaths } = slotOn(clock);
  await slot.link();
  deaths[0]?.();
  slot.close();
  await clock.run(5000);
  expect(deaths).toHaveLength(1);
  expect(clock.pending).toBe(0);
});
