import uPlot from 'uplot';

export interface TrendLine {
  readonly label: string;
  readonly points: readonly (number | null)[];
}

/** As custom properties of the style sheet, so that they follow light and dark. */
const colours = ['--line-1', '--line-2', '--line-3'];
const height = 150;
const wholeSteps = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/** One chart over the time that the page looks back. */
export class Trend {
  readonly #place: HTMLElement;
  readonly #heading = document.createElement('h2');
  readonly #chart = document.createElement('div');
  readonly #legend = document.createElement('p');
  #plot: uPlot | undefined;
  #drawnFor = '';
  readonly #whole: boolean;
  /** In which the times on the axis are written. */
  language = 'en';

  /** @param whole what it draws is counted: there is no half a call. */
  constructor(parent: HTMLElement, whole = false) {
    this.#whole = whole;
    this.#place = document.createElement('section');
    this.#legend.className = 'legend';
    // The numbers stand in the tables beneath; to those who listen a picture of lines says nothing.
    this.#chart.setAttribute('aria-hidden', 'true');
    this.#place.append(this.#heading, this.#legend, this.#chart);
    parent.append(this.#place);
    new ResizeObserver(() => this.#plot?.setSize({ width: this.#chart.clientWidth, height })).observe(this.#place);
  }

  draw(title: string, unit: string, times: readonly number[], lines: readonly TrendLine[]): void {
    this.#heading.textContent = `${title} (${unit})`;
    const legend = lines.map(({ label }) => label).join('\n');
    const dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
    const drawnFor = `${legend}\n${String(dark)}`;
    if (drawnFor !== this.#drawnFor) this.#begin(lines);
    this.#drawnFor = drawnFor;
    this.#plot?.setData([[...times], ...lines.map(({ points }) => [...points])] as uPlot.AlignedData);
  }

  #timeOf(seconds: number): string {
    return new Intl.DateTimeFormat(this.language, { timeStyle: 'medium', hourCycle: 'h23' }).format(seconds * 1000);
  }

  #begin(lines: readonly TrendLine[]): void {
    this.#plot?.destroy();
    const style = getComputedStyle(this.#place);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--muted'),
      grid: { stroke: colour('--line'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui',
    };
    this.#legend.replaceChildren(
      ...lines.map(({ label }, at) => {
        const entry = document.createElement('span');
        entry.className = `line-${at + 1}`;
        entry.textContent = label;
        return entry;
      }),
    );
    this.#plot = new uPlot(
      {
        width: this.#chart.clientWidth || 320,
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, __, most) => [0, Math.max(1, (most ?? 0) * 1.1)] } },
        padding: [8, 28, 0, 0],
        axes: [
          { ...axis, size: 28, space: 90, values: (_, seconds) => seconds.map((at) => this.#timeOf(at)) },
          { ...axis, size: 44, ...(this.#whole && { incrs: wholeSteps }) },
        ],
        series: [
          {},
          ...lines.map((_, at) => {
            const stroke = colour(colours[at] ?? '--ink');
            // A value between two gaps is no line: without its point it would not be seen.
            return { stroke, width: 2, points: { size: 5, fill: stroke } };
          }),
        ],
      },
      [[], ...lines.map(() => [])] as unknown as uPlot.AlignedData,
      this.#chart,
    );
  }
}
