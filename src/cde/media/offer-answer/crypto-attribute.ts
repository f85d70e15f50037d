import { masterBytes, type SuiteName, suiteNames } from './srtp-suite.ts';

/** One `a=crypto` line (RFC 4568 §9.1): a suite, and the key by which its sender sends. */
export interface CryptoLine {
  readonly tag: number;
  readonly suite: SuiteName;
  /** Key and salt in base64. */
  readonly key: string;
}

/** As `sdp-transform` reads such a line. */
interface ReadLine {
  readonly id: number;
  readonly suite: string;
  readonly config: string;
  readonly sessionConfig?: string | undefined;
}

/**
 * @returns undefined for a line that cannot be used: another suite, several keys, a key of the wrong length, an MKI, or a
 * session parameter, which must be understood to be accepted (RFC 4568 §6.3).
 */
export function readCrypto(line: ReadLine): CryptoLine | undefined {
  const suite = suiteNames.find((name) => name === line.suite);
  const [, key, rest = ''] = /^inline:([A-Za-z0-9+/]+={0,2})((?:\|[^|\s;]+)*)$/.exec(line.config) ?? [];
  if (suite === undefined || key === undefined || rest.includes(':')) return undefined;
  if ((line.sessionConfig ?? '') !== '' || !Number.isInteger(line.id) || line.id < 0) return undefined;
  return Buffer.from(key, 'base64').length === masterBytes(suite) ? { tag: line.id, suite, key } : undefined;
}

export const writeCrypto = ({ tag, suite, key }: CryptoLine): string => `a=crypto:${tag} ${suite} inline:${key}`;
