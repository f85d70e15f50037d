import { once } from 'node:events';
import type { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { memoryLink } from '../../../src/shared/memory-link.ts';

describe('a connection within the process', () => {
  let near: Socket;
  let far: Socket;
  let heard: string[];

  beforeEach(() => {
    [near, far] = memoryLink();
    heard = [];
    far.on('data', (bytes: Buffer) => heard.push(bytes.toString()));
  });

  const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

  it('hands over what was written in a turn at its end, texts and bytes in their order, in one piece', async () => {
    near.write('10#£');
    near.write(Buffer.from('bytes'));
    expect(heard).toEqual([]);
    await turn();
    expect(heard).toEqual(['10#£bytes']);
  });

  it('carries both ways, also what is said in answer', async () => {
    far.on('data', () => far.write('pong'));
    near.write('ping');
    expect(String((await once(near, 'data'))[0])).toBe('pong');
  });

  it('ends after its last word, whether by end() or by destroySoon(), and then the other end is closed, too', async () => {
    const closed = Promise.all([once(near, 'close'), once(far, 'close')]);
    near.resume();
    near.write('last');
    near.destroySoon();
    await closed;
    expect(heard).toEqual(['last']);
    const [one, other] = memoryLink();
    const both = Promise.all([once(one, 'close'), once(other, 'close')]);
    one.resume();
    other.resume();
    one.end();
    await both;
  });

  it('is gone for the other end when one is destroyed; what is written then goes nowhere', async () => {
    far.on('error', () => undefined);
    near.destroy();
    await once(far, 'close');
    expect([far.destroyed, heard]).toEqual([true, []]);
  });
});
