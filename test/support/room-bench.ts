import { makeAuthoriser } from '../../src/cde/authorisation/make-authoriser.ts';
import type { CardVault } from '../../src/cde/entry/card-vault.ts';
import type { Answer, Ask, FieldPolicy, Notice, RequestKind } from '../../src/cde/messages.ts';
import { Room } from '../../src/cde/room.ts';
import type { RoomSettings } from '../../src/cde/room-settings.ts';
import { cardBrands } from '../../src/shared/card-brand.ts';
import type { CardField } from '../../src/shared/card-field.ts';
import { type CallId, newCallId, newSessionId, type SessionId } from '../../src/shared/ids.ts';
import { standardPolicy } from './entry-model.ts';
import { FakeClock, settle } from './fake-clock.ts';
import { FakeMediaEngine } from './fake-media-engine.ts';

export const sampleRoomSettings: RoomSettings = {
  media: {
    engine: 'embedded',
    address: '127.0.0.1',
    advertisedAddress: null,
    ports: [20_000, 29_998],
    io: 'auto',
    processes: 1,
    srtp: { caller: 'refuse', agent: 'refuse' },
    sourcePolicy: 'strict',
    lossMs: { first: 30_000, running: 60_000, held: 3_600_000 },
    portQuarantineMs: 30_000,
  },
  secureAudio: 'mute',
  betweenCaptures: 'pass',
  lookBackMs: 0,
  fill: 'silence',
  onLeak: 'report',
  keepPanAfterDecline: true,
  maxCalls: 100,
  psps: [],
};

export const samplePolicy: FieldPolicy = {
  ...standardPolicy,
  acceptedBrands: [...cardBrands],
  showLastFour: true,
};

/** A room with a media engine of paper, a clock that the test turns, and one call in it. */
export class RoomBench {
  readonly clock = new FakeClock(Date.UTC(2026, 10, 24));
  readonly notices: Notice[] = [];
  readonly call: CallId = newCallId();
  readonly session: SessionId = newSessionId();
  engine!: FakeMediaEngine;
  vault!: CardVault;
  room!: Room;

  static async open(changes: Partial<RoomSettings> = {}): Promise<RoomBench> {
    const bench = new RoomBench();
    const settings = { ...sampleRoomSettings, ...changes };
    const tell = (notice: Notice): void => void bench.notices.push(notice);
    bench.room = await Room.open({
      settings,
      clock: bench.clock,
      startEngine: async (_, events) => {
        bench.engine = new FakeMediaEngine(events, () => bench.clock.monotonic());
        return bench.engine;
      },
      makeAuthoriser: (vault) => {
        bench.vault = vault;
        return makeAuthoriser(settings, vault, bench.clock, tell);
      },
      tell,
    });
    await bench.ask('call.begin', { call: bench.call, leg: 'caller', sdp: null });
    return bench;
  }

  ask<K extends RequestKind>(kind: K, ask: Ask<K>): Promise<Answer<K>> {
    return this.room.answer(kind, ask);
  }

  async openField(field: CardField, policy: FieldPolicy = samplePolicy): Promise<void> {
    await this.ask('field.open', { call: this.call, session: this.session, field, policy });
  }

  /** Opens a field, keys it and releases the call. @returns what the field came to. */
  async capture(field: CardField, keys: string): Promise<Notice | undefined> {
    await this.openField(field);
    this.engine.press(this.call, keys);
    await settle();
    await this.ask('call.release', { call: this.call });
    return this.notices.findLast(({ kind }) => kind === 'field.completed' || kind === 'field.failed');
  }

  kinds(): string[] {
    return this.notices.map((notice) => notice.kind);
  }
}
