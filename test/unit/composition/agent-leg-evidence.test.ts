import { expect, it } from 'vitest';
import { RoomVoice } from '../../../src/composition/room-voice.ts';
import { createLogs } from '../../../src/observability/logs.ts';
import { Metrics } from '../../../src/observability/metrics.ts';
import { Telemetry } from '../../../src/observability/telemetry.ts';
import type { EvidenceEntry } from '../../../src/payment/transaction-book.ts';
import { newCallId } from '../../../src/shared/ids.ts';

const call = newCallId();
const interval = { ms: 900, audioSuppressed: 41, eventsSuppressed: 24, silenceSent: 45, leaks: 1 };

function voice(evidence: (entry: EvidenceEntry) => Promise<void>): { said: RoomVoice; metrics: Metrics } {
  const metrics = new Metrics();
  return { said: new RoomVoice(new Telemetry(createLogs('fatal'), metrics), { evidence }), metrics };
}

it('what was kept from the agent is counted for every lock, and evidence where it ended with the call', async () => {
  const entries: EvidenceEntry[] = [];
  const { said, metrics } = voice(async (entry) => void entries.push(entry));
  said.notice({ kind: 'call.secured', call, endedBy: 'release', interval });
  said.notice({ kind: 'call.secured', call, endedBy: 'call', interval });
  expect(await metrics.text()).toContain('tonelock_agent_leg_suppressed_packets_total{kind="audio"} 82');
  expect(await metrics.text()).toContain('tonelock_agent_leg_suppressed_packets_total{kind="event"} 48');
  expect(entries).toEqual([
    {
      what: 'agent-leg.secured',
      who: 'room',
      origin: 'room',
      call,
      session: null,
      result: 'call ended',
      secured: interval,
    },
  ]);
});

it('a leak is counted and is evidence', async () => {
  const entries: EvidenceEntry[] = [];
  const { said, metrics } = voice(async (entry) => void entries.push(entry));
  said.notice({ kind: 'call.leaked', call, what: 'tone' });
  expect(await metrics.text()).toContain('tonelock_leaks_total{what="tone"} 1');
  expect(entries).toMatchObject([{ what: 'agent-leg.leaked', call, result: 'tone' }]);
});

it('evidence that the storage refuses is counted as such', async () => {
  const { said, metrics } = voice(() => Promise.reject(new Error('full')));
  said.notice({ kind: 'call.leaked', call, what: 'event' });
  await Promise.resolve();
  expect(await metrics.text()).toContain('tonelock_desk_troubles_total{what="storage"} 1');
});
