import { describe, expect, test } from 'vitest';
import { parseNameAddress } from '../../../src/sip-server/message/name-address.ts';
import { remembered } from '../../../src/sip-server/message/remembered.ts';

/** A reader that counts how often it reads. */
function counting() {
  const texts: string[] = [];
  const read = remembered((text) => {
    texts.push(text);
    return text.startsWith('bad') ? undefined : { text };
  });
  return { texts, read };
}

describe('what is read of a text', () => {
  test('is the same value the next time, and read once', () => {
    const { texts, read } = counting();
    expect(read('a')).toBe(read('a'));
    expect(read('a')).toEqual({ text: 'a' });
    expect(texts).toEqual(['a']);
  });

  test.each([
    ['of what cannot be read', 'bad'],
    ['of a long text', 'x'.repeat(257)],
  ])('is not remembered %s', (_, text) => {
    const { texts, read } = counting();
    read(text);
    read(text);
    expect(texts).toHaveLength(2);
  });

  test('is forgotten when many others have come, so that it never grows', () => {
    const { texts, read } = counting();
    read('first');
    for (let n = 0; n < 512; n += 1) read(`other ${n}`);
    read('first');
    expect(texts.filter((text) => text === 'first')).toHaveLength(2);
  });

  test('has every byte that a header may hold', () => {
    const bytes = Buffer.from('"Zoë ÿ" <sip:a@b>', 'utf8').toString('latin1');
    expect(parseNameAddress(bytes)?.display).toBe(Buffer.from('"Zoë ÿ"', 'utf8').toString('latin1'));
  });
});
