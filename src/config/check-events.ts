import type { ConfigFault } from './config-fault.ts';
import type { Config } from './config-schema.ts';

/** Gateways that share events share the book of payments too: what a dead one has left open is another's to ask about. */
export function checkEvents({ events, storage }: Config): ConfigFault[] {
  if (events.kind !== 'redis' || storage.kind === 'postgres') return [];
  return [
    { key: 'events.kind', message: 'redis is for several gateways, which need one storage: storage.kind: postgres' },
  ];
}
