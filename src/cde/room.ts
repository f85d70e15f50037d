import type { Clock } from '../shared/clock.ts';
import { otherSide } from '../shared/leg-side.ts';
import type { Authoriser } from './authorisation/authoriser.ts';
import { CallDesk } from './call-desk.ts';
import { CardVault } from './entry/card-vault.ts';
import { wipeEverything } from './entry/wipe-registry.ts';
import { FieldDesk } from './field-desk.ts';
import type { MediaEngine, MediaEvents } from './media/media-engine.ts';
import type { Answer, Ask, Notice, RequestKind } from './messages.ts';
import type { RoomSettings } from './room-settings.ts';

export interface RoomParts {
  readonly settings: RoomSettings;
  readonly clock: Clock;
  readonly startEngine: (settings: RoomSettings, events: MediaEvents) => Promise<MediaEngine>;
  readonly makeAuthoriser: (vault: CardVault) => Authoriser;
  readonly tell: (notice: Notice) => void;
}

type Handlers = { readonly [K in RequestKind]: (ask: Ask<K>) => Promise<Answer<K>> | Answer<K> };

/** Sessions that may hold a card at one time, for each call that may be up. */
const sessionsPerCall = 2;

/** The room's table of requests: which desk answers what. */
export class Room {
  readonly #engine: MediaEngine;
  readonly #vault: CardVault;
  readonly #calls: CallDesk;
  readonly #handlers: Handlers;

  private constructor(parts: RoomParts, engine: MediaEngine, vault: CardVault) {
    const { settings, clock, tell } = parts;
    this.#engine = engine;
    this.#vault = vault;
    const fields = new FieldDesk(vault, clock, tell);
    const { maxCalls, betweenCaptures, onLeak } = settings;
    this.#calls = new CallDesk({ engine, fields, vault, clock, maxCalls, betweenCaptures, onLeak, tell });
    this.#handlers = handlersOf(this.#calls, fields, vault, engine, parts.makeAuthoriser(vault), () => this.close());
  }

  /** Starts the media engine, and with it the room. Rejects with the engine's `CodedError`. */
  static async open(parts: RoomParts): Promise<Room> {
    const vault = new CardVault(parts.settings.maxCalls * sessionsPerCall);
    let calls: CallDesk | undefined;
    const engine = await parts.startEngine(parts.settings, {
      pressed: (press) => calls?.pressed(press),
      lost: (call, leg) => calls?.lost(call, leg),
      hears: (call, ways) => calls?.hears(call, ways),
      secured: (call, interval) => calls?.secured(call, interval),
      leaked: (call, what) => calls?.leaked(call, what),
      died: (gone) => calls?.died(gone),
      ready: (ready) => parts.tell({ kind: 'media.ready', ready }),
    });
    const room = new Room(parts, engine, vault);
    calls = room.#calls;
    return room;
  }

  /** Calls in the room, and sessions that hold a card. */
  counts(): { calls: number; cards: number } {
    return { calls: this.#calls.size, cards: this.#vault.size };
  }

  async answer<K extends RequestKind>(kind: K, ask: Ask<K>): Promise<Answer<K>> {
    return this.#handlers[kind](ask);
  }

  /** Wipes all that the room holds, then ends the media: every lock stays until its call is silent. Twice is once. */
  async close(): Promise<null> {
    this.#calls.wipeAll();
    wipeEverything();
    await this.#engine.close();
    return null;
  }
}

function handlersOf(
  calls: CallDesk,
  fields: FieldDesk,
  vault: CardVault,
  engine: MediaEngine,
  authoriser: Authoriser,
  close: () => Promise<null>,
): Handlers {
  /** A request about media, for a call that is here and has them. */
  const media =
    <A extends { call: Ask<'call.end'>['call'] }, R>(act: (ask: A) => Promise<R>) =>
    async (ask: A): Promise<R> => {
      calls.live(ask.call);
      return act(ask);
    };
  const done = async (work: Promise<void>): Promise<null> => {
    await work;
    return null;
  };
  return {
    'call.begin': async ({ call, srtp, leg, sdp }) => {
      await calls.create(call, srtp);
      if (sdp !== null) await engine.acceptOffer(call, leg, sdp);
      return { sdp: await engine.describeOffer(call, otherSide(leg)) };
    },
    'call.end': ({ call }) => calls.end(call),
    'sdp.acceptOffer': media(({ call, leg, sdp }) => done(engine.acceptOffer(call, leg, sdp))),
    'sdp.describeOffer': media(async ({ call, leg }) => ({ sdp: await engine.describeOffer(call, leg) })),
    'sdp.acceptAnswer': media(({ call, leg, sdp }) => done(engine.acceptAnswer(call, leg, sdp))),
    'sdp.passAnswer': media(async ({ call, leg, sdp }) => ({ sdp: await engine.passAnswer(call, leg, sdp) })),
    'sdp.describeAnswer': media(async ({ call, leg }) => ({ sdp: await engine.describeAnswer(call, leg) })),
    'sdp.rollback': media(({ call, leg }) => done(engine.rollback(call, leg))),
    'info.received': (ask) => calls.info(ask),
    'field.open': (ask) => calls.openField(ask),
    'field.stop': ({ call }) => {
      fields.stop(call);
      return null;
    },
    'call.release': ({ call }) => calls.release(call),
    'card.wipe': ({ session, fields: named }) => {
      fields.stopFor(session, named);
      vault.wipe(session, named);
      return null;
    },
    'payment.authorise': (ask) => authoriser.authorise(ask),
    'payment.enquire': ({ attempt, psp, about }) => authoriser.enquire(attempt, psp, about),
    'payment.void': ({ attempt, psp, reference }) => authoriser.voidPayment(attempt, psp, reference),
    'payment.refund': ({ psp, order }) => authoriser.refund(psp, order),
    'psp.describe': () => authoriser.describe(),
    'room.close': () => close(),
  };
}
