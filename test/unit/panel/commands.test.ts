import { expect, test } from 'vitest';
import { Commands } from '../../../src/panel/commands.ts';

type Reply = () => Response | Error;

function commandsWith(...replies: Reply[]) {
  const sent: { url: string; init: RequestInit }[] = [];
  let keys = 0;
  const commands = new Commands({
    server: 'https://gateway.example',
    token: 'agent-1001',
    fetch: async (url, init) => {
      sent.push({ url: String(url), init: init ?? {} });
      const reply = replies.shift()?.() ?? Response.json({});
      if (reply instanceof Error) throw reply;
      return reply;
    },
    newKey: () => `key-${++keys}`,
    pause: async () => undefined,
  });
  const keysSent = (): unknown[] => sent.map(({ init }) => (init.headers as Record<string, string>)['idempotency-key']);
  return { commands, sent, keysSent };
}

const cut: Reply = () => new TypeError('cut');
const problem =
  (code: string, status: number): Reply =>
  () =>
    Response.json({ code, detail: 'for developers' }, { status });

test('a command that the network swallowed is sent again under the same key', async () => {
  const { commands, keysSent } = commandsWith(cut, cut, () => Response.json({ state: 'authorising' }));
  await expect(commands.plain('s', 'authorise')).resolves.toEqual({ state: 'authorising' });
  expect(keysSent()).toEqual(['key-1', 'key-1', 'key-1']);
});

test('a command that was answered is not sent again, whatever the answer; the next has a new key', async () => {
  const { commands, keysSent } = commandsWith(problem('wrong-state', 409));
  await expect(commands.plain('s', 'retry')).rejects.toMatchObject({ code: 'wrong-state', status: 409 });
  await commands.plain('s', 'retry');
  expect(keysSent()).toEqual(['key-1', 'key-2']);
});

test('a network that stays cut is a problem of its own, after three tries', async () => {
  const { commands, sent } = commandsWith(cut, cut, cut);
  await expect(commands.capture('s', 'pan')).rejects.toMatchObject({ code: 'network' });
  expect(sent).toHaveLength(3);
});

test('the token travels in a header, never in an address', async () => {
  const { commands, sent } = commandsWith();
  await commands.changeDetails('a/b', { amount: 1250 });
  expect(sent[0]?.url).toBe('https://gateway.example/v1/sessions/a%2Fb/details');
  expect(sent[0]?.init).toMatchObject({ method: 'PATCH', body: '{"amount":1250}' });
  expect(sent[0]?.init.headers).toMatchObject({ authorization: 'Bearer agent-1001' });
});

test('an answer without a problem document is a problem all the same', async () => {
  const { commands } = commandsWith(
    () => new Response('<html>', { status: 502 }),
    () => new Response('', { status: 401 }),
  );
  await expect(commands.open('c')).rejects.toMatchObject({ code: '', status: 502 });
  await expect(commands.alive()).rejects.toMatchObject({ code: 'unauthenticated', status: 401 });
});
