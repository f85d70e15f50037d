import { readFileSync } from 'node:fs';
import { type ConnectionOptions, createSecureContext, type SecureContext } from 'node:tls';
import { CodedError } from '../../../shared/coded-error.ts';
import { isLoopback } from '../../../shared/listen-address.ts';

/** Files of a provider's TLS, PEM: who may vouch for the provider, and who we are. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Where a provider's endpoint is and how its connection is secured. */
export interface PspTarget {
  readonly host: string;
  readonly port: number;
  /** For the Host header: the name, with the port where it is not the scheme's own (RFC 9110 §7.2). */
  readonly authority: string;
  /** Path and query of the configured address, without a trailing slash. */
  readonly path: string;
  /** Null for plain HTTP, which goes to a loopback address only. */
  readonly tls: ConnectionOptions | null;
}

/**
 * @throws {CodedError} `unknown-psp` for an address that is neither https nor http on loopback, and for TLS files that
 * cannot be read or do not fit together.
 */
export function pspTarget(address: string, files: TlsFiles = {}, passphrase?: string): PspTarget {
  const url = new URL(address);
  const secure = url.protocol === 'https:';
  // An IPv6 address stands in brackets in a URL and without them in a connection.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!secure && (url.protocol !== 'http:' || !isLoopback(host)))
    throw new CodedError('unknown-psp', 'url: must be https, or http on a loopback address');
  return {
    host,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    authority: url.host,
    path: `${url.pathname.replace(/\/$/, '')}${url.search}`,
    tls: secure ? { secureContext: contextOf(files, passphrase), ALPNProtocols: ['http/1.1'] } : null,
  };
}

/** PCI DSS 4.0.1 req. 4.2.1: strong cryptography on the way; TLS 1.2 is the least. */
function contextOf(files: TlsFiles, passphrase: string | undefined): SecureContext {
  const read = (path: string | undefined) => (path === undefined ? {} : { pem: readFileSync(path) });
  try {
    const [ca, cert, key] = [read(files.ca).pem, read(files.cert).pem, read(files.key).pem];
    return createSecureContext({
      minVersion: 'TLSv1.2',
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      ...(passphrase !== undefined && { passphrase }),
    });
  } catch {
    throw new CodedError('unknown-psp', 'tls: the files cannot be read or do not fit together');
  }
}
