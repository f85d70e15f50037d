/**
 * Colours and measures as custom properties, so that a desktop can theme the panel: `--tonelock-accent` and its kin set on
 * the element win. Every pair of text and ground has a contrast of 4.5:1 at least (WCAG 2.2 §1.4.3).
 */
export const tokens = `
  :host {
    --bg: var(--tonelock-bg, light-dark(#f3f5f7, #10171e));
    --surface: var(--tonelock-surface, light-dark(#fff, #19232d));
    --ink: var(--tonelock-ink, light-dark(#14212d, #e8eff5));
    --muted: var(--tonelock-muted, light-dark(#51606e, #a5b5c4));
    --line: var(--tonelock-line, light-dark(#dbe2e8, #2d3b48));
    --edge: light-dark(#8594a3, #6f8295);
    --accent: var(--tonelock-accent, light-dark(#0d5c86, #74bfee));
    --on-accent: var(--tonelock-on-accent, light-dark(#fff, #06202f));
    --accent-soft: light-dark(#e7f1f7, #17303f);
    --ok: light-dark(#15704a, #62d3a0);
    --ok-soft: light-dark(#e4f4ec, #143224);
    --bad: light-dark(#b3261e, #ff9d94);
    --bad-soft: light-dark(#fdeeec, #3a1e1d);
    --warn: light-dark(#845000, #f2c172);
    --warn-soft: light-dark(#fff4df, #33270f);
    --radius: var(--tonelock-radius, 12px);
    --mono: ui-monospace, monospace;
    color-scheme: light dark;
    display: block;
    container-type: inline-size;
    color: var(--ink);
    background: var(--bg);
    font: 15px/1.5 var(--tonelock-font, system-ui, 'Noto Sans CJK JP', sans-serif);
    border-radius: calc(var(--radius) + 4px);
    text-align: start;
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
  :host([hidden]) {
    display: none;
  }
  * {
    box-sizing: border-box;
  }
`;
