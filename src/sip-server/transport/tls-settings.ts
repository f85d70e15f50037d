import type { ConnectionOptions, TlsOptions } from 'node:tls';

/** PEM texts of this server's certificate and key, and how far those of the peers are looked at. */
export interface TlsSettings {
  readonly cert: string;
  readonly key: string;
  /** Who may have signed the peers' certificates; without it, those that the system trusts. */
  readonly ca?: string | undefined;
  /** Of peers that connect to us: not asked for, asked for and checked if there is one, or needed. */
  readonly clientCertificates: 'ignore' | 'check' | 'require';
}

/** RFC 8996 ended everything older. */
const minVersion = 'TLSv1.2';

export function serverOptions(settings: TlsSettings, handshakeTimeout: number): TlsOptions {
  const { cert, key, ca, clientCertificates } = settings;
  return {
    cert,
    key,
    ...(ca === undefined ? {} : { ca }),
    minVersion,
    handshakeTimeout,
    requestCert: clientCertificates !== 'ignore',
    rejectUnauthorized: clientCertificates === 'require',
  };
}

/** We show our own certificate where the peer asks for one, and always check the peer's. */
export function clientOptions(settings: TlsSettings, servername: string | undefined): ConnectionOptions {
  const { cert, key, ca } = settings;
  return { cert, key, ...(ca === undefined ? {} : { ca }), minVersion, ...(servername && { servername }) };
}
