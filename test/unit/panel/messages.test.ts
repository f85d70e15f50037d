import { expect, test } from 'vitest';
import { annexTexts } from '../../../src/panel/annex/annex-texts.ts';
import { en } from '../../../src/panel/messages/en.ts';
import { ja } from '../../../src/panel/messages/ja.ts';
import { pickLanguage } from '../../../src/panel/messages/language.ts';
import { captureFailures } from '../../../src/shared/capture-failure.ts';
import { errorCodes } from '../../../src/shared/coded-error.ts';

/** Every key of a table, nested ones with their path. */
function keysOf(table: object, path = ''): string[] {
  return Object.entries(table).flatMap(([key, value]) =>
    typeof value === 'object' && !Array.isArray(value) ? keysOf(value as object, `${path}${key}.`) : [`${path}${key}`],
  );
}

test('both languages say the same things, and say each', () => {
  expect(keysOf(ja)).toEqual(keysOf(en));
  expect(keysOf(annexTexts.ja)).toEqual(keysOf(annexTexts.en));
  for (const table of [en, ja, annexTexts.en, annexTexts.ja]) {
    for (const value of Object.values(table)) if (typeof value === 'string') expect(value.trim()).not.toBe('');
  }
});

test('the unknown outcome has the words of the manual (P-80)', () => {
  expect(ja.unknownText).toBe(
    '再送信しないでください。支払い状況が不明なため、決済代行事業者様までお問い合わせください。',
  );
});

test('the buttons have the names of the manual', () => {
  expect([ja.requestPan, ja.requestCvc, ja.authorise, ja.newPayment, ja.cancelPayment, ja.type, ja.psp]).toEqual([
    'カード番号を要求',
    'セキュリティコードを要求',
    '承認',
    '新規決済',
    '支払いをキャンセル',
    '取引種別',
    '決済代行事業者',
  ]);
});

test('every reason of a failed capture is told with what to do next', () => {
  for (const table of [en, ja]) {
    expect(Object.keys(table.failures).sort()).toEqual([...captureFailures].sort());
    for (const lines of Object.values(table.failures)) expect(lines).toHaveLength(2);
  }
});

test('every problem that has words of its own is one that the server can have', () => {
  const known: string[] = Object.keys(errorCodes);
  expect(Object.keys(annexTexts.en.problems).filter((code) => !known.includes(code))).toEqual([]);
});

test.each([
  [['ja-JP', 'en'], 'ja'],
  [['en-GB'], 'en'],
  [['fr', 'ja'], 'ja'],
  [['fr'], 'en'],
  [[], 'en'],
])('of %j the panel speaks %s', (wanted, language) => {
  expect(pickLanguage(wanted)).toBe(language);
});
