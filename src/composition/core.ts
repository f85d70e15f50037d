import type { Config } from '../config/config-schema.ts';
import type { Secrets } from '../config/secrets.ts';
import { createLogs } from '../observability/logs.ts';
import { Metrics } from '../observability/metrics.ts';
import { Telemetry } from '../observability/telemetry.ts';
import { deskSettings } from '../payment/desk-settings.ts';
import type { DeskWiring } from '../payment/desk-wiring.ts';
import { RefundDesk } from '../payment/refund-desk.ts';
import { SessionDesk } from '../payment/session-desk.ts';
import type { Clock } from '../shared/clock.ts';
import { CallRegistry } from '../telephony/call-registry.ts';
import { CallEvents } from './call-events.ts';
import { openFreeswitch } from './freeswitch-servers.ts';
import { deskObserver } from './observers.ts';
import { openBook } from './open-book.ts';
import type { Opened } from './opened.ts';
import { RoomKeeper } from './room-keeper.ts';
import { roomSettings } from './room-settings.ts';
import { RoomVoice } from './room-voice.ts';
import { underKey } from './start-fault.ts';
import { TakeOver } from './take-over.ts';
import { openWebhooks } from './webhooks.ts';

export type Core = Awaited<ReturnType<typeof openCore>>;

/** Storage, walled room, calls and payments: everything but the ways in. */
export async function openCore(config: Config, secrets: Secrets, opened: Opened, clock: Clock) {
  const logs = createLogs(config.log.level);
  const metrics = new Metrics();
  const telemetry = new Telemetry(logs, metrics);
  const book = await openBook(config, secrets, clock);
  opened.add(() => book.close());

  const registry = new CallRegistry();
  book.knowLiveCalls((call) => registry.find(call) !== undefined);
  const voice = new RoomVoice(telemetry, book);
  const freeswitch = await openFreeswitch(config, secrets, telemetry, clock, opened);
  const room = new RoomKeeper(roomSettings(config, freeswitch), voice, clock);
  const opening = underKey('media', () => room.start());
  // While the room's processes load their code there is time for that of the API, the largest part of ours.
  await Promise.all([opening, import('../agent/agent-api.ts')]);
  opened.add(() => room.close());

  const events = new CallEvents(registry, telemetry);
  const webhooks = openWebhooks(config, secrets, book, telemetry, clock);
  opened.add(async () => webhooks.close());
  events.tellTo(webhooks);
  const settings = deskSettings(config);
  const wiring: DeskWiring = {
    room,
    calls: registry,
    book,
    settings,
    clock,
    observer: deskObserver(telemetry),
    emit: (agent, call, session, event, owed) => events.ofSession(agent, call, session, event, owed),
    notices: {
      draw: (callId, sessionId, event) => webhooks.draw(event, { callId, sessionId }),
      send: (notices) => webhooks.take(notices),
    },
  };
  const desk = new SessionDesk(wiring);
  opened.add(async () => desk.stop());
  const refunds = new RefundDesk(wiring, book, desk);
  opened.add(async () => refunds.stop());
  events.serve(desk);
  registry.sessionOf = (call) => desk.ofCall(call)?.id ?? null;
  const takeOver = new TakeOver({
    ...{ book, desk, refunds, webhooks, clock },
    afterMs: config.storage.takeOverSeconds === null ? null : config.storage.takeOverSeconds * 1000,
    took: (gateway, { payments, quotes, refunds: given }) =>
      logs.gateway.warn(
        { gateway, payments: payments.length, quotes: quotes.length, refunds: given.length },
        'took over what a gateway had left open',
      ),
    failed: () => telemetry.deskTrouble('storage', 'take-over'),
  });
  opened.add(async () => takeOver.stop());
  return { settings, logs, metrics, telemetry, book, registry, voice, room, events, desk, refunds, webhooks, takeOver };
}
