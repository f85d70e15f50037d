import { type LookBack, perMinute } from './look-back.ts';
import type { OperatorText } from './operator-text.ts';
import { quantile, type Samples } from './samples.ts';
import { Trend } from './trend.ts';

const legs = ['caller', 'agent'] as const;

interface Tile {
  readonly name: string;
  readonly value: number;
  readonly tone: '' | 'good' | 'bad' | 'doubt';
}

function tilesOf(samples: Samples, text: OperatorText): Tile[] {
  const leaks = samples.sum('leaks_total');
  const unknown = samples.sum('payments_unknown');
  return [
    { name: text.calls, value: samples.sum('calls_active'), tone: '' },
    { name: text.secured, value: samples.sum('calls_secured'), tone: '' },
    { name: text.sessions, value: samples.sum('sessions_open'), tone: '' },
    { name: text.capturing, value: samples.sum('captures_active'), tone: '' },
    { name: text.authorising, value: samples.sum('payments_authorising'), tone: '' },
    { name: text.unknown, value: unknown, tone: unknown > 0 ? 'doubt' : '' },
    // The one number of this page that is never anything but zero.
    { name: text.leaks, value: leaks, tone: leaks > 0 ? 'bad' : 'good' },
  ];
}

/** Everything of the page that shows numbers. */
export class Board {
  readonly #tiles: HTMLElement;
  readonly #tables: HTMLElement;
  readonly #trends: readonly [Trend, Trend, Trend, Trend];

  constructor(tiles: HTMLElement, trends: HTMLElement, tables: HTMLElement) {
    this.#tiles = tiles;
    this.#tables = tables;
    this.#trends = [new Trend(trends, true), new Trend(trends, true), new Trend(trends), new Trend(trends)];
  }

  draw(past: LookBack, text: OperatorText, language: string): void {
    const now = past.last;
    if (now === undefined) return;
    const number = new Intl.NumberFormat(language);
    this.#tiles.replaceChildren(
      ...tilesOf(now.samples, text).map(({ name, value, tone }) => {
        const tile = element('li', '', tone);
        tile.append(element('span', name), element('strong', number.format(value)));
        return tile;
      }),
    );
    for (const trend of this.#trends) trend.language = language;
    this.#drawTrends(past, text);
    this.#tables.replaceChildren(...tables(now.samples, text, number));
  }

  #drawTrends(past: LookBack, text: OperatorText): void {
    const times = past.looks.map(({ at }) => at);
    const [calls, captures, psp, media] = this.#trends;
    const gauge = (name: string) => past.series(({ samples }) => samples.sum(name));
    calls.draw(text.calls, text.number, times, [
      { label: text.calls, points: gauge('calls_active') },
      { label: text.secured, points: gauge('calls_secured') },
    ]);
    captures.draw(text.captures, text.perMinute, times, [
      {
        label: text.completed,
        points: past.series((look, before) => perMinute(look, before, 'captures_total', { outcome: 'completed' })),
      },
      { label: text.failed, points: past.series(failedCaptures) },
    ]);
    const within = (share: number) =>
      past.series((look, before) => quantile(share, look.samples, before?.samples, 'psp_seconds'));
    psp.draw(text.pspTime, text.seconds, times, [
      { label: text.half, points: within(0.5) },
      { label: text.most, points: within(0.95) },
    ]);
    media.draw(
      text.lost,
      '%',
      times,
      legs.map((leg) => ({ label: text[leg], points: past.series(({ samples }) => lossPercent(samples, leg)) })),
    );
  }
}

/** What the metrics call by its code name, as far as this language has a word for it. */
const inWords = (code = '', text: OperatorText): string =>
  (text.words as Readonly<Record<string, string>>)[code] ?? code;

function failedCaptures(look: Parameters<typeof perMinute>[0], before: Parameters<typeof perMinute>[1]): number | null {
  const all = perMinute(look, before, 'captures_total');
  const good = perMinute(look, before, 'captures_total', { outcome: 'completed' });
  return all === null || good === null ? null : all - good;
}

function lossPercent(samples: Samples, leg: string): number {
  const lost = samples.sum('rtp_packets_total', { leg, fate: 'lost' });
  const received = samples.sum('rtp_packets_total', { leg, fate: 'received' });
  return received + lost === 0 ? 0 : (100 * lost) / (received + lost);
}

function tables(samples: Samples, text: OperatorText, number: Intl.NumberFormat): HTMLElement[] {
  const counted = (name: string, ...labels: readonly string[]): string[][] =>
    samples
      .of(name)
      .map((sample) => [...labels.map((label) => inWords(sample.labels[label], text)), number.format(sample.value)]);
  const seconds = (value: number | null): string => (value === null ? '–' : `${value.toFixed(2)} ${text.seconds}`);
  const jitter = (leg: string): number => {
    const count = samples.sum('rtp_jitter_seconds_count', { leg });
    return count === 0 ? 0 : (1000 * samples.sum('rtp_jitter_seconds_sum', { leg })) / count;
  };
  return [
    table(text.captures, [text.field, text.outcome, text.count], counted('captures_total', 'field', 'outcome'), text),
    table(text.payments, [text.outcome, text.count], counted('payments_total', 'outcome'), text),
    table(
      text.pspTime,
      [text.psp, text.outcome, text.count, text.half, text.most],
      samples
        .of('psp_seconds_count')
        .map(({ labels, value }) => [
          labels['psp'] ?? '',
          inWords(labels['outcome'], text),
          number.format(value),
          seconds(quantile(0.5, samples, undefined, 'psp_seconds', labels)),
          seconds(quantile(0.95, samples, undefined, 'psp_seconds', labels)),
        ]),
      text,
    ),
    table(
      text.media,
      [text.leg, text.received, text.lost, text.jitter],
      legs.map((leg) => [
        text[leg],
        number.format(samples.sum('rtp_packets_total', { leg, fate: 'received' })),
        `${number.format(samples.sum('rtp_packets_total', { leg, fate: 'lost' }))} (${lossPercent(samples, leg).toFixed(2)} %)`,
        `${jitter(leg).toFixed(1)} ${text.ms}`,
      ]),
      text,
    ),
    table(text.suppressed, [text.media, text.count], counted('agent_leg_suppressed_packets_total', 'kind'), text),
  ];
}

function table(
  title: string,
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  text: OperatorText,
): HTMLElement {
  const section = element('section', '');
  section.append(element('h2', title));
  // On a narrow screen a table scrolls sideways, by the keyboard too (WCAG 2.2 §2.1.1).
  section.tabIndex = 0;
  section.setAttribute('aria-label', title);
  if (rows.length === 0) {
    section.append(element('p', text.nothing));
    return section;
  }
  const grid = element('table', '');
  const row = (kind: 'th' | 'td', cells: readonly string[]): HTMLElement => {
    const line = element('tr', '');
    line.append(...cells.map((cell) => element(kind, cell)));
    return line;
  };
  grid.setAttribute('aria-label', title);
  grid.append(row('th', heads), ...rows.map((cells) => row('td', cells)));
  section.append(grid);
  return section;
}

function element(kind: string, words: string, className = ''): HTMLElement {
  const made = document.createElement(kind);
  made.textContent = words;
  made.className = className;
  return made;
}
