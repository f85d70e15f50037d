import { describe, expect, it } from 'vitest';
import { createLogs } from '../../../src/observability/logs.ts';
import { guardLine, withheld } from '../../../src/observability/pan-guard.ts';

describe('the last guard of the log', () => {
  it.each([
    '4111111111111111',
    '4111 1111 1111 1111',
    '3782-822463-10005',
    'x6304000000000000y',
    '4000000000000000006',
  ])('blanks a card number written as %s', (card) => {
    expect(guardLine(`{"msg":"${card}"}`)).not.toMatch(/\d{4}/);
    expect(guardLine(`{"msg":"${card}"}`)).toContain(withheld);
  });

  it.each(['4111111111111111 12/29', '29 4111111111111111', '4111.1111.1111.1111', '4111 1111 1111 1111 123'])(
    'is not misled by what stands around the number in %s',
    (text) => {
      expect(guardLine(text)).toContain(withheld);
      expect(guardLine(text)).not.toMatch(/1111/);
    },
  );

  it.each(['2026-11-24T07:46:29.123Z', '4111111111111112', '12345678901', '127.0.0.1:50601 127.0.0.1:50602'])(
    'leaves %s alone',
    (text) => {
      expect(guardLine(text)).toBe(text);
    },
  );

  it('stands behind every logger, whatever way a number gets into a line', () => {
    const lines: string[] = [];
    const logs = createLogs('trace', { write: (line: string) => void lines.push(line) });
    logs.calls.info({ nested: { deep: '5555555555554444' } }, 'a call');
    logs.api.error(new Error('bad 378282246310005'));
    logs.sip.debug('6011111111111117');
    expect(lines).toHaveLength(3);
    expect(lines.join('')).not.toMatch(/5555555555554444|378282246310005|6011111111111117/);
    expect(lines[0]).toContain('"subsystem":"calls"');
  });
});
