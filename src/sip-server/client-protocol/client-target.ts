import { parseHostPort } from '../message/host-port.ts';

/** Where an application listens for servers that connect to it (`srf.listen`). */
export interface ClientTarget {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

/** Reads `host:port` and `host:port;transport=tls`, as drachtio-server writes them; undefined for anything else. */
export function parseClientTarget(text: string): ClientTarget | undefined {
  const found = /^([^;]+)(?:;transport=(tcp|tls))?$/.exec(text);
  const place = parseHostPort(found?.[1] ?? '');
  if (place?.port === undefined) return undefined;
  return { host: place.host, port: place.port, tls: found?.[2] === 'tls' };
}
