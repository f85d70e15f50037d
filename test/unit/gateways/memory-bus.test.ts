import { keepsItsPromises } from '../../support/bus-promises.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { MemoryHub } from '../../support/memory-bus.ts';

keepsItsPromises('in memory', async () => {
  const clock = new FakeClock();
  const hub = new MemoryHub(clock);
  return {
    bus: (gateway, chain) => hub.bus(gateway, chain),
    forgetAll: async () => hub.forgetAll(),
    pass: async (ms) => clock.advance(ms),
  };
});
