import type { SipHeaders } from '../sip-port.ts';

/** What this gateway asks of a leg's session timer (RFC 4028); the SIP server behind it runs the timer. */
export class SessionTiming {
  readonly #seconds: number;

  /** @param seconds 0 asks for none; what a peer asks for is honoured all the same. */
  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** For an INVITE of ours, with the other extension that we take (RFC 3262). @param least what the peer has named as its minimum (RFC 4028 §7.3). */
  calling(least = 0): SipHeaders {
    if (this.#seconds === 0 && least === 0) return { Supported: '100rel' };
    const expires = { Supported: 'timer, 100rel', 'Session-Expires': String(Math.max(this.#seconds, least)) };
    return least === 0 ? expires : { 'Min-SE': String(least), ...expires };
  }

  /** For a 200 of ours: if the caller knows of timers and has asked for none, we refresh. */
  get answering(): SipHeaders {
    return this.#seconds === 0 ? {} : { 'Session-Expires': `${this.#seconds};refresher=uas` };
  }
}

/** The minimum of a 422 (RFC 4028 §6), undefined for everything else. @param minSe its Min-SE, if it has one. */
export function leastSession(status: number, minSe: string | undefined): number | undefined {
  const least = status === 422 ? Number.parseInt(minSe ?? '', 10) : Number.NaN;
  return least > 0 && least <= 86_400 ? least : undefined;
}
