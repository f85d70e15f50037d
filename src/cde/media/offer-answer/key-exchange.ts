import { randomBytes } from 'node:crypto';
import { CodedError } from '../../../shared/coded-error.ts';
import type { SrtpPolicy } from '../../../shared/srtp-policy.ts';
import type { CryptoLine } from './crypto-attribute.ts';
import type { Description } from './session-description.ts';
import { masterBytes, type SuiteName, suiteNames } from './srtp-suite.ts';

/**
 * What was agreed for a leg: the suite, both master keys with their salts in base64, as descriptions have them, and the
 * identifiers that packets carry in hex (empty for none).
 */
export interface SrtpSettings {
  readonly suite: SuiteName;
  readonly send: string;
  readonly sendMki: string;
  readonly receive: string;
  readonly receiveMki: string;
}

const refuse = (why: string): never => {
  throw new CodedError('not-acceptable-media', why);
};

/**
 * The keys of one leg, agreed by SDP security descriptions (RFC 4568). Our own keys are made once and stay the same, so
 * that an offer which repeats them changes nothing. With `prefer` our offers name keys under the plain profile, which a
 * peer without SRTP passes over.
 */
export class KeyExchange {
  readonly #policy: SrtpPolicy;
  #own: Map<SuiteName, string> | undefined;
  #agreed: CryptoLine | undefined;
  /** That of our own packets. */
  #mki = '';

  constructor(policy: SrtpPolicy) {
    this.#policy = policy;
  }

  /** The profile and the lines of an offer of ours; `running` is the profile in force. */
  offer(running: Description['protocol'] | undefined): { protocol: Description['protocol']; crypto: CryptoLine[] } {
    if (this.#policy === 'refuse') return { protocol: running ?? 'RTP/AVP', crypto: [] };
    const protocol = running ?? (this.#policy === 'require' ? 'RTP/SAVP' : 'RTP/AVP');
    return {
      protocol,
      crypto: suiteNames.map((suite, i) => ({ tag: i + 1, suite, key: this.#ownKey(suite), mki: '' })),
    };
  }

  /** Judges an offer of the peer. @returns its line that we take. @throws {CodedError} `not-acceptable-media`. */
  choose(offer: Description): CryptoLine | undefined {
    const secure = offer.protocol === 'RTP/SAVP' || offer.protocol === 'RTP/SAVPF';
    if (this.#policy === 'refuse') return secure ? refuse('this leg takes no SRTP') : undefined;
    const [line] = offer.crypto;
    if (line === undefined && (secure || this.#policy === 'require')) return refuse('no SRTP key that can be used');
    return line;
  }

  /**
   * Takes the line chosen into force. Who names its key gets ours named in the same way: many use one setting for both
   * directions. @returns the lines of our answer.
   */
  answer(chosen: CryptoLine | undefined): CryptoLine[] {
    this.#agreed = chosen;
    this.#mki = chosen?.mki ?? '';
    return chosen === undefined ? [] : [{ ...chosen, key: this.#ownKey(chosen.suite) }];
  }

  /** Takes the peer's answer to an offer of ours into force. @throws {CodedError} `not-acceptable-media`. */
  answered(answer: Description): void {
    const offered = this.#policy === 'refuse' ? [] : suiteNames;
    const line = answer.crypto.find(({ tag, suite }) => offered[tag - 1] === suite);
    if (line === undefined && this.#policy === 'require') refuse('an answer without an SRTP key');
    this.#agreed = line;
    this.#mki = '';
  }

  /** What the media process needs; null while the leg is not encrypted. */
  settings(): SrtpSettings | null {
    if (this.#agreed === undefined) return null;
    const { suite, key, mki } = this.#agreed;
    return { suite, send: this.#ownKey(suite), sendMki: this.#mki, receive: key, receiveMki: mki };
  }

  #ownKey(suite: SuiteName): string {
    const known = this.#own?.get(suite) ?? randomBytes(masterBytes(suite)).toString('base64');
    this.#own ??= new Map();
    this.#own.set(suite, known);
    return known;
  }
}
