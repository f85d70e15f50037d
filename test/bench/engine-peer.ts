import { readdirSync, readFileSync } from 'node:fs';
import { openForkedLink } from '../../src/cde/media/embedded/forked-link.ts';
import type { IoChoice } from '../../src/cde/media/embedded/io-choice.ts';
import { newCallId } from '../../src/shared/ids.ts';
import { watchedEngine } from '../support/media-call.ts';
import { audioPort, description, privilege, type RelayPeer } from './relay-peer.ts';

/** The embedded engine with one media process, as the room starts it. */
export async function startEngine(
  name: string,
  io: IoChoice,
  payloadType: number,
  betweenCaptures: 'pass' | 'drop' = 'pass',
  portsAbove = 0,
): Promise<RelayPeer> {
  const before = new Set(mediaProcesses());
  const { engine, presses } = await watchedEngine(
    { io, betweenCaptures, ports: [20_000 + portsAbove, 24_999 + portsAbove] },
    openForkedLink,
  );
  const pids = mediaProcesses().filter((pid) => !before.has(pid));
  for (const pid of pids) privilege(pid);
  return {
    name,
    pids,
    // Its compiler and its garbage collector work in threads of their own, and may wait.
    movers: () => pids,
    presses,
    async connect(_, portA, portB) {
      const id = newCallId();
      await engine.createCall(id);
      await engine.acceptOffer(id, 'caller', description(portA, payloadType));
      const toB = await engine.describeOffer(id, 'agent');
      await engine.acceptAnswer(id, 'agent', description(portB, payloadType));
      return [audioPort(await engine.describeAnswer(id, 'caller')), audioPort(toB)];
    },
    close: () => engine.close(),
  };
}

function mediaProcesses(): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
        return (
          Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('tonelock-media')
        );
      } catch {
        return false;
      }
    });
}
