import { masterBytes, type SuiteName, suiteNames } from './srtp-suite.ts';

/** One `a=crypto` line (RFC 4568 §9.1): a suite, and the key by which its sender sends. */
export interface CryptoLine {
  readonly tag: number;
  readonly suite: SuiteName;
  /** Key and salt in base64. */
  readonly key: string;
  /** The master key identifier that its packets carry, in hex; empty where they carry none. */
  readonly mki: string;
}

/** As `sdp-transform` reads such a line. */
interface ReadLine {
  readonly id: number;
  readonly suite: string;
  readonly config: string;
  readonly sessionConfig?: string | undefined;
}

/** RFC 4568 §9.2: `inline:key|lifetime|MKI:length`, where either of the last two may be missing. The lifetime is for its sender to keep. */
const parameters = /^inline:([A-Za-z0-9+/]+={0,2})(?:\|(?:2\^\d{1,2}|\d{1,15}))?(?:\|(\d{1,39}):(\d{1,3}))?$/;
/** RFC 4568 §6.1. */
const mkiBytesMax = 128;

/**
 * @returns undefined for a line that cannot be used: another suite, several keys, a key of the wrong length, an identifier
 * that does not fit its length, or a session parameter, which must be understood to be accepted (RFC 4568 §6.3).
 */
export function readCrypto(line: ReadLine): CryptoLine | undefined {
  const suite = suiteNames.find((name) => name === line.suite);
  const [, key, identifier, length] = parameters.exec(line.config) ?? [];
  if (suite === undefined || key === undefined) return undefined;
  if ((line.sessionConfig ?? '') !== '' || !Number.isInteger(line.id) || line.id < 0) return undefined;
  const mki = identifier === undefined ? '' : mkiOf(BigInt(identifier), Number(length));
  if (mki === undefined || Buffer.from(key, 'base64').length !== masterBytes(suite)) return undefined;
  return { tag: line.id, suite, key, mki };
}

export function writeCrypto({ tag, suite, key, mki }: CryptoLine): string {
  const identifier = mki === '' ? '' : `|${BigInt(`0x${mki}`)}:${mki.length / 2}`;
  return `a=crypto:${tag} ${suite} inline:${key}${identifier}`;
}

function mkiOf(value: bigint, bytes: number): string | undefined {
  const hex = value.toString(16);
  return bytes < 1 || bytes > mkiBytesMax || hex.length > 2 * bytes ? undefined : hex.padStart(2 * bytes, '0');
}
