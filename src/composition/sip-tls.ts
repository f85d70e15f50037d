import { readFileSync } from 'node:fs';
import type { Config } from '../config/config-schema.ts';
import type { TlsSettings } from '../sip-server/transport/tls-settings.ts';
import { StartFault } from './start-fault.ts';

/** @throws {StartFault} naming the key of a file that cannot be read; what stands in the files is checked by who uses it. */
export function sipTls({ tls }: Pick<Config['sip'], 'tls'>): TlsSettings | undefined {
  if (tls === undefined) return undefined;
  const read = (name: 'cert' | 'key' | 'ca', path: string): string => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      throw new StartFault(`sip.tls.${name}`, `cannot read ${path}`);
    }
  };
  const ca = tls.ca === undefined ? {} : { ca: read('ca', tls.ca) };
  const { clientCertificates } = tls;
  return { cert: read('cert', tls.cert), key: read('key', tls.key), ...ca, clientCertificates };
}
