import { describe, expect, test } from 'vitest';
import { en } from '../../../src/panel/messages/en.ts';
import { ja } from '../../../src/panel/messages/ja.ts';
import { unknownMessages } from '../../../src/payment/unknown-message.ts';
import { unlikeTables, unusedMessages } from './message-tables.ts';
import { productFiles } from './source-files.ts';

const users = productFiles.filter(({ path }) => /^src\/(?:panel|demo)\//.test(path) && !path.includes('/messages/'));

describe('the tables of messages', () => {
  test('say the same in both languages', () => {
    expect(unlikeTables(en, ja)).toEqual([]);
  });

  test('hold nothing that the panel does not say', () => {
    expect(users.length).toBeGreaterThan(10);
    expect(unusedMessages(en, users)).toEqual([]);
  });

  test('have the words that the manual fixes for a payment whose fate is unknown (P-80)', () => {
    expect(unknownMessages.ja).toBe(
      '再送信しないでください。支払い状況が不明なため、決済代行事業者様までお問い合わせください。',
    );
    expect(unknownMessages.en).toMatch(/do not resubmit/i);
  });
});

describe('a fault that somebody plants in a table is found', () => {
  test.each([
    ['a message of one language', { a: 'x', b: 'y' }, { a: 'x' }],
    ['an empty message', { a: 'x' }, { a: ' ' }],
    ['another placeholder', { a: '{digits} digits' }, { a: '{count}' }],
    ['deeper down', { a: { b: 'x' } }, { a: {} }],
  ])('%s', (_, one, other) => {
    expect(unlikeTables(one, other)).toHaveLength(1);
  });

  test('a message that nobody says', () => {
    const code = [{ path: 'src/panel/view.ts', text: 'say(messages.used)' }];
    expect(unusedMessages({ used: 'x', lost: 'y' }, code)).toEqual(['lost']);
  });
});
