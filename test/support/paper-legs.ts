import type { RelayOptions } from '../../src/cde/media/embedded/relay-options.ts';
import type { LegSettings } from '../../src/cde/media/offer-answer/leg-settings.ts';

export const callerAt = { address: '198.51.100.1', port: 4000 };
export const agentAt = { address: '198.51.100.2', port: 5000 };
const codec = (name: 'PCMU' | 'PCMA', type: number) =>
  ({ name: `${name}/8000/1`, receive: type, send: type, clockRate: 8000, channels: 1, silence: name }) as const;

/** Settings of a leg with G.711 µ-law as 0 and telephone-event as `event` (null for none). */
export const legSettings = (
  remote: { readonly address: string; readonly port: number },
  event: number | null,
  changes: Partial<LegSettings> = {},
): LegSettings => ({
  remote: { ...remote, rtcpPort: remote.port + 1 },
  mux: false,
  srtp: null,
  listens: true,
  talks: true,
  ptimeMs: 20,
  codecs: [codec('PCMU', 0)],
  redundant: [],
  events: event === null ? [] : [{ receive: event, send: event, clockRate: 8000 }],
  ...changes,
});
export const alawOnly = (): LegSettings['codecs'] => [codec('PCMA', 8)];

export const relayOptions: RelayOptions = {
  io: 'auto',
  address: '192.0.2.1',
  sourcePolicy: 'strict',
  lossMs: { first: 30_000, running: 60_000, held: 3_600_000 },
  secureAudio: 'mute',
  betweenCaptures: 'pass',
  lookBackMs: 0,
  fill: 'silence',
};
