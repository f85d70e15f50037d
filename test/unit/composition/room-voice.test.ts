import { describe, expect, it } from 'vitest';
import { RoomVoice } from '../../../src/composition/room-voice.ts';
import type { Telemetry } from '../../../src/observability/telemetry.ts';
import type { SessionDesk } from '../../../src/payment/session-desk.ts';
import { newCallId } from '../../../src/shared/ids.ts';
import type { CallRegistry } from '../../../src/telephony/call-registry.ts';
import type { Switchboard } from '../../../src/telephony/switchboard.ts';

const call = newCallId();

/** The room's voice with one call in a state, and what it told whom. */
function hearing(state: 'ringing' | 'answered') {
  const told: string[] = [];
  const desk = { mediaLost: () => told.push('payment'), roomLost: () => told.push('payments') };
  const one = { view: { state }, end: (reason: string) => told.push(`call ${reason}`) };
  const registry = { get: (id: string) => (id === call ? one : undefined) };
  const switchboard = { endAll: (reason: string) => told.push(`calls ${reason}`) };
  const voice = new RoomVoice({ roomLost: () => told.push('log') } as unknown as Telemetry, {
    evidence: async () => undefined,
  });
  const serve = () =>
    voice.serve(
      desk as unknown as SessionDesk,
      registry as unknown as CallRegistry,
      switchboard as unknown as Switchboard,
    );
  return { voice, told, serve };
}

describe('what the walled room says by itself', () => {
  it('ends an answered call whose media fell silent, its payment first', () => {
    const { voice, told, serve } = hearing('answered');
    serve();
    voice.notice({ kind: 'media.lost', call, leg: 'caller' });
    expect(told).toEqual(['payment', 'call media-lost']);
  });

  it('lets a call ring on in silence: early media is not owed (RFC 3960 §3.1)', () => {
    const { voice, told, serve } = hearing('ringing');
    serve();
    voice.notice({ kind: 'media.lost', call, leg: 'caller' });
    expect(told).toEqual([]);
  });

  it('ends a call whose media died, ringing or not', () => {
    const { voice, told, serve } = hearing('ringing');
    serve();
    voice.notice({ kind: 'call.died', call });
    expect(told).toEqual(['payment', 'call media-lost']);
  });

  it('wipes payments before it ends the calls when the whole room is gone', () => {
    const { voice, told, serve } = hearing('answered');
    serve();
    voice.lost('signal SIGKILL');
    expect(told).toEqual(['log', 'payments', 'calls media-lost']);
  });

  it('hears a loss before there is anybody to tell', () => {
    const { voice, told } = hearing('answered');
    voice.lost('exit 70');
    voice.notice({ kind: 'media.lost', call, leg: 'caller' });
    expect(told).toEqual(['log']);
  });
});
