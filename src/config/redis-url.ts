import { isLoopback } from '../shared/listen-address.ts';

/**
 * What is wrong with the address of the bus between gateways. Who may write to it may give any agent's commands, so it is not
 * left open to a network. The text never quotes the address: it may hold a password.
 */
export function redisUrlFault(url: string | undefined): string | undefined {
  if (url === undefined) return 'redis needs TONELOCK_REDIS_URL in the environment';
  const form = 'TONELOCK_REDIS_URL must be redis://… or rediss://…';
  if (!URL.canParse(url)) return form;
  const { protocol, hostname, password } = new URL(url);
  if (protocol !== 'redis:' && protocol !== 'rediss:') return form;
  if (password !== '' || isLoopback(hostname.replace(/^\[|\]$/g, ''))) return undefined;
  return 'TONELOCK_REDIS_URL must hold a password: who can write to that Redis can command payments';
}
