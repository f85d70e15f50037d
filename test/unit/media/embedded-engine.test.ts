import { afterEach, expect, test } from 'vitest';
import type { OpenLink } from '../../../src/cde/media/embedded/media-link.ts';
import { newCallId } from '../../../src/shared/ids.ts';
import { openLocalLink } from '../../support/local-media-link.ts';
import { mediaCall, somePorts, type Watched, watchedEngine } from '../../support/media-call.ts';

let watched: Watched;

afterEach(async () => {
  await watched.engine.close();
});

test('a call whose settings a media process cannot put in force is over, and its ports are free for the next', async () => {
  let refusing = true;
  const openLink: OpenLink = async (options, events) => {
    const link = await openLocalLink(options, events);
    return {
      request: (kind, ask) => link.request(kind, ask),
      configure: (order) => (refusing ? events.failed(order.call) : link.configure(order)),
      close: () => link.close(),
    };
  };
  const [first] = somePorts();
  watched = await watchedEngine({ ports: [first, first + 3], portQuarantineMs: 0 }, openLink);
  const failed = await mediaCall(watched.engine).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 'call-not-found' });
  expect(watched.died).toHaveLength(1);
  refusing = false;
  const next = await mediaCall(watched.engine);
  await next.hangUp();
  expect(watched.died).toHaveLength(1);
});

test('with two processes a small range of ports carries as many calls as with one', async () => {
  const calls = 70;
  const openLink: OpenLink = async () => ({
    async request(_kind, ask) {
      const { relays = [] } = ask as { readonly relays?: readonly { readonly call: number }[] };
      return { bound: relays.map(({ call }) => call) } as never;
    },
    configure: () => undefined,
    close: () => undefined,
  });
  watched = await watchedEngine({ processes: 2, ports: [20_000, 20_000 + 4 * calls - 1] }, openLink);
  for (let call = 0; call < calls; call += 1) await watched.engine.createCall(newCallId());
  await expect(watched.engine.createCall(newCallId())).rejects.toMatchObject({ code: 'media-failed' });
});
