import { parameterOf, parseParameters } from '../message/parameters.ts';
import { type HeaderField, headerOf, tokensOf } from '../message/sip-message.ts';

/** RFC 4028 §4: nobody may ask for a shorter session. */
export const minSessionSeconds = 90;

/** A day: a longer wish is taken as one, so that timers stay within what clocks can count. */
const maxSessionSeconds = 86_400;

export interface SessionExpires {
  readonly seconds: number;
  readonly refresher: 'uac' | 'uas' | undefined;
}

/** What both ends of a dialog have agreed on: how long the session lasts, and which of them has to refresh it. */
export interface SessionTerms {
  readonly seconds: number;
  readonly refresher: 'us' | 'peer';
}

type HasHeaders = { readonly headers: readonly HeaderField[] };

/** `1800;refresher=uac` (RFC 4028 §4). @returns undefined where there is none or it cannot be read. */
export function sessionExpiresOf(message: HasHeaders): SessionExpires | undefined {
  const value = headerOf(message, 'Session-Expires') ?? '';
  const found = /^(\d{1,9})\s*(;.*)?$/.exec(value.trim());
  if (found === null) return undefined;
  const refresher = parameterOf(parseParameters(found[2] ?? '') ?? [], 'refresher')?.toLowerCase();
  return {
    seconds: Math.min(Number(found[1]), maxSessionSeconds),
    refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined,
  };
}

const supportsTimer = (message: HasHeaders): boolean =>
  tokensOf(message, 'Supported').includes('timer') || tokensOf(message, 'Require').includes('timer');

/** Whether a request has to be answered 422: it asks for less than the minimum and can be told so (RFC 4028 §9). */
export const asksTooLittle = (request: HasHeaders): boolean =>
  supportsTimer(request) && (sessionExpiresOf(request)?.seconds ?? minSessionSeconds) < minSessionSeconds;

/**
 * The terms of a 2xx of ours (RFC 4028 §9, table 2): what the caller asked for; else what the application wants, if the
 * caller knows of such things.
 */
export function termsOfAnswer(request: HasHeaders, wanted: HasHeaders): SessionTerms | undefined {
  const asked = sessionExpiresOf(request);
  const supported = supportsTimer(request);
  const wish = asked ?? (supported ? sessionExpiresOf(wanted) : undefined);
  if (wish === undefined) return undefined;
  const seconds = Math.max(wish.seconds, minSessionSeconds);
  if (!supported) return { seconds, refresher: 'us' };
  // Where nobody says who, a caller that asked does it, and we do what we have asked for.
  const refresher = wish.refresher ?? (asked === undefined ? 'uas' : 'uac');
  return { seconds, refresher: refresher === 'uas' ? 'us' : 'peer' };
}

/** The terms of a 2xx of the peer; without Session-Expires in it the session lasts until BYE (RFC 4028 §7.2). */
export function termsOfResponse(response: HasHeaders): SessionTerms | undefined {
  const agreed = sessionExpiresOf(response);
  if (agreed === undefined) return undefined;
  const seconds = Math.max(agreed.seconds, minSessionSeconds);
  return { seconds, refresher: agreed.refresher === 'uas' ? 'peer' : 'us' };
}

/** What a 2xx says of its terms; a caller that has to refresh must understand that (RFC 4028 §9). */
export function answerHeaders(terms: SessionTerms | undefined): readonly HeaderField[] {
  if (terms === undefined) return [];
  const ours = terms.refresher === 'us';
  const expires = { name: 'Session-Expires', value: `${terms.seconds};refresher=${ours ? 'uas' : 'uac'}` };
  return ours ? [expires] : [{ name: 'Require', value: 'timer' }, expires];
}

/** What a request within a dialog says to keep its terms. */
export function requestHeaders(terms: SessionTerms | undefined): readonly HeaderField[] {
  if (terms === undefined) return [];
  const refresher = terms.refresher === 'us' ? 'uac' : 'uas';
  return [
    { name: 'Supported', value: 'timer' },
    { name: 'Session-Expires', value: `${terms.seconds};refresher=${refresher}` },
  ];
}
