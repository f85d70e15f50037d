import { accessSync, constants } from 'node:fs';
import { isLoopback } from '../shared/listen-address.ts';
import type { ConfigFault } from './config-fault.ts';
import type { Config } from './config-schema.ts';

type Psp = Config['payments']['psps'][number];

/** What a configured provider lacks for its adapter, by the key under the entry. */
export function checkPsp(psp: Psp): ConfigFault[] {
  return [...checkAddress(psp), ...checkTls(psp), ...checkAccount(psp), ...checkSurcharge(psp)];
}

function checkAddress({ adapter, url }: Psp): ConfigFault[] {
  if (url === undefined) {
    const needed = adapter === 'http' || adapter === 'adyen';
    return needed ? [{ key: 'url', message: `is needed with adapter: ${adapter}` }] : [];
  }
  const { protocol, hostname } = new URL(url);
  const safe = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')));
  return safe ? [] : [{ key: 'url', message: 'must be https, or http on a loopback address: it carries card numbers' }];
}

const checkAccount = ({ adapter, merchantAccount }: Psp): ConfigFault[] =>
  adapter === 'adyen' && merchantAccount === undefined
    ? [{ key: 'merchantAccount', message: 'is needed with adapter: adyen' }]
    : [];

const checkSurcharge = ({ adapter, surcharge }: Psp): ConfigFault[] =>
  adapter !== 'simulator' && surcharge !== undefined
    ? [{ key: 'surcharge', message: "is the simulator's alone: other providers quote their own" }]
    : [];

function checkTls({ tls }: Psp): ConfigFault[] {
  if (tls === undefined) return [];
  const faults: ConfigFault[] = [];
  for (const name of ['ca', 'cert', 'key'] as const) {
    const path = tls[name];
    if (path !== undefined && !isReadable(path)) faults.push({ key: `tls.${name}`, message: `cannot read ${path}` });
  }
  if ((tls.cert === undefined) !== (tls.key === undefined))
    faults.push({
      key: tls.cert === undefined ? 'tls.cert' : 'tls.key',
      message: 'a certificate and its key go together',
    });
  return faults;
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
