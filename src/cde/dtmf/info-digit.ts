import { asKeyCode, configuredKey, type KeyCode } from './key-code.ts';

/** A key that a SIP INFO body names, and for how long it says that the key was held (null: it does not say). */
export interface InfoDigit {
  readonly key: KeyCode;
  readonly durationMs: number | null;
}

/** Bodies longer than this are no digit; a real one has some thirty characters. */
const longestBody = 256;
/** A press that is said to be longer is not believed. */
const longestDurationMs = 30_000;

/**
 * The media type without its parameters, in lower case, when it is one that carries keys.
 * `application/dtmf-relay` is Cisco's, `application/dtmf` a lapsed draft's; neither was ever registered.
 */
export function infoKind(contentType: string): 'dtmf-relay' | 'dtmf' | undefined {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/dtmf-relay') return 'dtmf-relay';
  return type === 'application/dtmf' ? 'dtmf' : undefined;
}

/**
 * Reads the key out of a SIP INFO body. Known limit: the body is a string, so its digit stays in memory until collected.
 * @returns undefined for any other type and for whatever names no key; no body makes it throw.
 */
export function readInfoDigit(contentType: string, body: string): InfoDigit | undefined {
  const kind = infoKind(contentType);
  if (kind === undefined || body.length > longestBody) return undefined;
  return kind === 'dtmf' ? readBare(body) : readRelay(body);
}

/** `application/dtmf`: the key alone. Some senders use the other type's lines all the same. */
function readBare(body: string): InfoDigit | undefined {
  const key = keyNamed(body.trim());
  return key === undefined ? readRelay(body) : { key, durationMs: null };
}

/** `application/dtmf-relay`: `Signal=` and `Duration=` lines in any order, with blanks and in either case. */
function readRelay(body: string): InfoDigit | undefined {
  let key: KeyCode | undefined;
  let durationMs: number | null = null;
  for (const line of body.split(/\r\n|\r|\n/)) {
    const at = line.indexOf('=');
    if (at < 0) continue;
    const name = line.slice(0, at).trim().toLowerCase();
    const value = line.slice(at + 1).trim();
    // The first line of a name counts.
    if (name === 'signal') key ??= keyNamed(value);
    else if (name === 'duration') durationMs ??= durationNamed(value);
  }
  return key === undefined ? undefined : { key, durationMs };
}

/** A character of the keypad, its event number (RFC 4733 §3.2: 10 is `*`, 11 `#`, 12–15 A–D), or a word some senders use. */
function keyNamed(name: string): KeyCode | undefined {
  if (name.length === 1) return configuredKey(name.toUpperCase());
  if (/^1[0-5]$/.test(name)) return asKeyCode(Number(name));
  const word = name.toLowerCase();
  if (word === 'star') return configuredKey('*');
  return word === 'pound' || word === 'hash' ? configuredKey('#') : undefined;
}

function durationNamed(value: string): number | null {
  if (!/^\d{1,6}$/.test(value)) return null;
  const ms = Number(value);
  return ms <= longestDurationMs ? ms : null;
}
