import { isLoopback } from '../shared/listen-address.ts';
import type { ConfigFault } from './config-fault.ts';
import type { Config } from './config-schema.ts';

/** Events go over TLS, or do not leave the machine; who is told must be told apart. */
export function checkWebhooks({ webhooks }: Config): ConfigFault[] {
  const seen = new Set<string>();
  return webhooks.flatMap(({ name, url }, index) => {
    const faults: ConfigFault[] = [];
    const key = `webhooks.${index}`;
    if (seen.has(name)) faults.push({ key: `${key}.name`, message: 'this name is used twice' });
    seen.add(name);
    const { protocol, hostname, username, password } = new URL(url);
    const local = isLoopback(hostname.replace(/^\[|\]$/g, ''));
    if (protocol !== 'https:' && !(protocol === 'http:' && local))
      faults.push({ key: `${key}.url`, message: 'must be https; http is for loopback only' });
    if (username !== '' || password !== '')
      faults.push({ key: `${key}.url`, message: 'holds a name or a password; events are signed instead' });
    return faults;
  });
}
