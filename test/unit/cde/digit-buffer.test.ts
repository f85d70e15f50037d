import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { asKeyCode, type KeyCode, starKey } from '../../../src/cde/dtmf/key-code.ts';
import { DigitBuffer } from '../../../src/cde/entry/digit-buffer.ts';
import { liveWipeables, wipeEverything } from '../../../src/cde/entry/wipe-registry.ts';

const filled = (text: string): DigitBuffer => {
  const buffer = new DigitBuffer(19);
  for (const digit of text) buffer.push(asKeyCode(Number(digit)) as KeyCode);
  return buffer;
};

describe('a digit buffer', () => {
  it('holds its digits as ASCII bytes, and takes the last one back', () => {
    using buffer = filled('4111');
    expect(Buffer.from(buffer.expose()).toString('latin1')).toBe('4111');
    buffer.pop();
    expect(Buffer.from(buffer.expose()).toString('latin1')).toBe('411');
  });

  it('overwrites its bytes when wiped, also under a view that somebody still holds', () => {
    using buffer = filled('4111111111111111');
    const view = buffer.expose();
    buffer.wipe();
    expect([...view]).toEqual(Array(16).fill(0));
    expect(buffer.length).toBe(0);
  });

  it('overwrites a digit that is taken back', () => {
    using buffer = filled('42');
    const view = buffer.expose();
    buffer.pop();
    expect(view[1]).toBe(0);
  });

  it('prints as a count, whatever prints it', () => {
    using buffer = filled('4111111111111111');
    const printed = [
      `${buffer}`,
      JSON.stringify({ buffer }),
      inspect(buffer, { showHidden: true, depth: 9 }),
      inspect([{ buffer }]),
      inspect(Object.entries(buffer)),
    ];
    for (const text of printed) expect(text).not.toContain('1111');
    expect(printed[0]).toBe('[16 digits]');
    expect(inspect(structuredClone({ ...buffer }))).toBe('{}');
  });

  it('does not share the memory of small buffers, from which others could read', () => {
    using buffer = filled('4111');
    expect(buffer.expose().buffer.byteLength).toBe(19);
  });

  it('is emptied with all the others at one stroke', () => {
    const before = liveWipeables();
    using one = filled('4111');
    using other = filled('123');
    expect(liveWipeables()).toBe(before + 2);
    const views = [one.expose(), other.expose()];
    wipeEverything();
    expect(views.flatMap((view) => [...view])).toEqual(Array(7).fill(0));
  });

  it('leaves the registry when it is disposed of, once or twice', () => {
    const before = liveWipeables();
    const buffer = filled('4111');
    buffer[Symbol.dispose]();
    buffer[Symbol.dispose]();
    expect(liveWipeables()).toBe(before);
    expect(buffer.length).toBe(0);
    expect(() => buffer.push(asKeyCode(1) as KeyCode)).toThrow('assertion failed');
  });

  it('takes no key that is no digit and none beyond its capacity', () => {
    using buffer = new DigitBuffer(1);
    expect(() => buffer.push(starKey)).toThrow('assertion failed');
    buffer.push(asKeyCode(7) as KeyCode);
    expect(() => buffer.push(asKeyCode(7) as KeyCode)).toThrow('assertion failed');
  });
});
