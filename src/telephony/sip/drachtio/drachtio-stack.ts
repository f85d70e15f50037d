import { Server, type Socket } from 'node:net';
import Srf from 'drachtio-srf';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import { ownText } from '../../own-text.ts';
import type { DialEvents, DialTarget, OutgoingInvite, SipArrivals, SipHeaders, SipPort } from '../../sip-port.ts';
import { capabilities } from '../allowed-methods.ts';
import { fromHeader } from '../from-header.ts';
import { leastSession, SessionTiming } from '../session-timing.ts';
import { bodyOf, DrachtioDialog, responderFor } from './drachtio-dialog.ts';
import { DrachtioInvite, type InviteTerms, sourceOf } from './drachtio-invite.ts';
import type { SrfApplication, SrfDialog, SrfRequest, SrfResponse } from './drachtio-types.ts';
import { makeLean } from './lean-dialog.ts';
import { LinkWatch, type WatchedSocket } from './link-watch.ts';
import { SipLink } from './sip-link.ts';

export interface StackAddress extends LinkTerms {
  readonly host: string;
  readonly port: number;
}

export interface LinkTerms {
  readonly secret: string;
  /** How often the server is asked whether it is there; undefined: never. At least 5 s, the library wants it so. */
  readonly pingMs?: number;
}

/** What the stack says of its link to the SIP server. */
export interface StackObserver {
  linkUp(): void;
  linkDown(): void;
  /** Nothing came by the link any more, so it is dropped. */
  linkSilent(): void;
  /** So many dialogs went with the link: their calls have been told. */
  dialogsLost(dialogs: number): void;
  /** Somebody connected who is none of the servers. */
  linkRefused(): void;
  /** A request that could not even be read. */
  unreadable(): void;
}

/** The library waits 255 ms before it tries again, then 1.7 times as long each time, and by itself without a limit. */
const retryDelayMaxMs = 5000;

/** SIP by drachtio-srf, with a drachtio-server behind it. */
export class DrachtioStack implements SipPort {
  readonly #srf: SrfApplication;
  readonly #timing: SessionTiming;
  readonly #link: SipLink;
  readonly #observer: StackObserver;
  readonly #clock: Clock;
  #watch: LinkWatch | undefined;
  #connected = false;
  #closed = false;

  /** @param idle called whenever nothing more is under way by this stack: no dialog, and no request that waits. */
  constructor(observer: StackObserver, sessionExpiresSeconds = 0, clock: Clock = systemClock, idle?: () => void) {
    this.#observer = observer;
    this.#clock = clock;
    this.#link = new SipLink(idle);
    this.#timing = new SessionTiming(sessionExpiresSeconds);
    this.#srf = new Srf() as unknown as SrfApplication;
    this.#srf.on('connect', (error) => {
      if (error !== null && error !== undefined) return;
      this.#connected = true;
      observer.linkUp();
    });
    const down = (): void => {
      if (!this.#connected) return;
      this.#connected = false;
      // A link that we close ourselves is not lost.
      if (!this.#closed) observer.linkDown();
      const dialogs = this.#link.lose();
      if (dialogs > 0) observer.dialogsLost(dialogs);
    };
    this.#srf.on('close', down);
    this.#srf.on('reconnecting', down);
    // Without a listener an error event would end the process; the library reconnects by itself.
    this.#srf.on('error', down);
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Whether anything is under way by this stack. */
  get inUse(): boolean {
    return this.#link.inUse;
  }

  /** Takes requests for `arrivals`, then connects; the library goes on trying until the server is there. */
  open(address: StackAddress, arrivals: SipArrivals): void {
    this.#take(arrivals, null);
    const { pingMs, ...where } = address;
    this.#srf.connect({ ...where, ...pinging(pingMs), reconnect: { retryMaxDelay: retryDelayMaxMs } });
    if (pingMs !== undefined) this.#watchOver(pingMs);
  }

  /** The same by a connection that the server has made, for as long as that stands: calls that come by it go out by it, too. */
  serve(socket: Socket, { secret, pingMs }: LinkTerms, arrivals: SipArrivals): void {
    this.#take(arrivals, this);
    // The library takes sockets from a server of Node's; this one has no other.
    const source = new Server();
    this.#srf.listen({ server: source, secret, ...pinging(pingMs) });
    if (pingMs !== undefined) this.#watchOver(pingMs);
    source.emit('connection', socket);
  }

  #take(arrivals: SipArrivals, way: SipPort | null): void {
    const terms = { application: this.#linked, answering: this.#timing.answering, way };
    this.#srf.invite((request, response) => {
      const settled = this.#link.whileWaiting(() => undefined);
      let invite: DrachtioInvite;
      try {
        invite = new DrachtioInvite(terms, request, response, settled);
      } catch {
        settled();
        this.#observer.unreadable();
        return responderFor(response).refuse(400);
      }
      arrivals.invite(invite);
    });
    this.#srf.options((request, response) => {
      const status = arrivals.options(sourceOf(request));
      if (status === 200) responderFor(response).accept(null, capabilities);
      else responderFor(response).refuse(status, status === 503 ? { 'Retry-After': '5' } : {});
    });
  }

  /** Every socket that the library opens is watched, from before the server has said who it is. */
  #watchOver(pingMs: number): void {
    const watch = new LinkWatch(this.#clock, pingMs, () => this.#observer.linkSilent());
    this.#watch = watch;
    const { wp } = this.#srf.app.client;
    // An older server is not pinged by the library, and may be silent for as long as there are no calls.
    const begin = (socket: WatchedSocket): void =>
      watch.begin(socket, () => !this.#connected || wp.mapTimerPing.has(socket));
    wp.on('connect', begin);
    wp.on('connection', begin);
    wp.on('close', () => watch.end());
  }

  dial(target: DialTarget, events: DialEvents): OutgoingInvite {
    let request: SrfRequest | undefined;
    let cancelled = false;
    const cancel = (): void => request?.cancel(() => undefined);
    let again = false;
    const forget = this.#link.whileWaiting(() => events.refused(statusOf(undefined), ''));
    const settle = (error: unknown, dialog?: SrfDialog): void => {
      const least = again || cancelled ? undefined : leastSession(statusOf(error), minSeOf(error));
      if (least !== undefined) {
        again = true;
        return call(this.#timing.calling(least));
      }
      forget();
      if (dialog === undefined) return events.refused(statusOf(error), reasonOf(error));
      // There is nothing left to cancel, and the request would stay as long as the call.
      request = undefined;
      dialog.link = this.#link;
      const answer = bodyOf({ body: ownText(dialog.remote.sdp ?? '') });
      makeLean(dialog);
      events.answered(new DrachtioDialog(dialog, events.dialog), answer);
    };
    const call = (timing: SipHeaders): void => {
      const headers = { From: fromHeader(target), ...target.headers, ...timing };
      const progress = {
        cbRequest: (_: unknown, sent?: SrfRequest) => {
          request = sent;
          if (cancelled) cancel();
        },
        cbProvisional: (response: SrfResponse) => events.progress(response.status, bodyOf(response)),
      };
      try {
        this.#srf.createUAC(target.uri, { localSdp: target.sdp, headers }, progress, settle);
      } catch (error) {
        settle(error);
      }
    };
    call(this.#timing.calling());
    return {
      cancel: () => {
        cancelled = true;
        cancel();
      },
    };
  }

  /** Harmless when called twice, and while no link stands. */
  close(): void {
    this.#closed = true;
    this.#watch?.end();
    try {
      this.#srf.disconnect();
    } catch {
      // The library has noted that it shall not try again, and then missed the socket to close.
    }
  }

  /** The application as an INVITE knows it: what it makes of the INVITE ends with the link. */
  get #linked(): InviteTerms['application'] {
    return {
      createUAS: (request, response, options, done) => {
        const forget = this.#link.whileWaiting(() => done(new Error('the link is lost')));
        this.#srf.createUAS(request, response, options, (error, dialog) => {
          forget();
          if (dialog !== undefined) {
            dialog.link = this.#link;
            makeLean(dialog);
          }
          done(error, dialog);
        });
      },
    };
  }
}

const pinging = (pingMs: number | undefined) =>
  pingMs === undefined ? {} : { enablePing: true, pingInterval: pingMs };

/** 503 where the request could not even be sent (RFC 3261 §8.1.3.1). */
const statusOf = (error: unknown): number =>
  typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
    ? error.status
    : 503;

const minSeOf = (error: unknown): string | undefined => {
  const response =
    typeof error === 'object' && error !== null && 'res' in error ? (error.res as SrfResponse) : undefined;
  return response?.has('Min-SE') === true ? response.get('Min-SE') : undefined;
};

const reasonOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'reason' in error && typeof error.reason === 'string'
    ? error.reason
    : '';
