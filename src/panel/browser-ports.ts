import type { Commands } from './commands.ts';
import type { ConnectionPorts } from './connection.ts';
import { Problem } from './problem.ts';

const probeTimeoutMs = 3_000;

/** The browser's clock, as the panel's machines take it. */
export function after(ms: number, fire: () => void): () => void {
  const handle = setTimeout(fire, ms);
  return () => clearTimeout(handle);
}

/** The browser's network. The token travels as a subprotocol, never in an address. */
export function browserPorts(server: string, token: string, commands: Commands): ConnectionPorts {
  const address = new URL('/v1/events', server);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return {
    openSocket: (listener) => {
      const socket = new WebSocket(address, ['tonelock.v1', `bearer.${token}`]);
      socket.onmessage = (event) => listener.message(event.data);
      socket.onclose = () => listener.closed();
      return { send: (text) => socket.readyState === WebSocket.OPEN && socket.send(text), close: () => socket.close() };
    },
    probe: () => Promise.race([ask(commands), timeOut()]),
    after,
    random: Math.random,
  };
}

async function ask(commands: Commands): Promise<'alive' | 'refused' | 'gone'> {
  try {
    await commands.alive();
    return 'alive';
  } catch (error) {
    const status = error instanceof Problem ? error.status : 0;
    return status === 401 || status === 403 ? 'refused' : status === 0 ? 'gone' : 'alive';
  }
}

function timeOut(): Promise<'gone'> {
  return new Promise((resolve) => after(probeTimeoutMs, () => resolve('gone')));
}

/** Where the page is not served over HTTPS or loopback, browsers give no `randomUUID`, but they give random bytes. */
export function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
