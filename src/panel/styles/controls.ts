/** Buttons, inputs and the small pieces of text around them. */
export const controls = `
  button {
    font: inherit;
    font-weight: 600;
    color: var(--ink);
    background: var(--surface);
    border: 1px solid var(--edge);
    border-radius: calc(var(--radius) - 3px);
    padding: 8px 14px;
    min-height: 40px;
    cursor: pointer;
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    transition: background 120ms, border-color 120ms, box-shadow 120ms;
  }
  button:hover:enabled {
    border-color: var(--accent);
    background: var(--accent-soft);
  }
  button.primary {
    color: var(--on-accent);
    background: var(--accent);
    border-color: transparent;
  }
  button.primary:hover:enabled {
    background: color-mix(in oklab, var(--accent) 88%, var(--ink));
  }
  button:disabled {
    cursor: not-allowed;
    color: var(--muted);
    background: color-mix(in oklab, var(--surface) 60%, var(--bg));
    border: 1px dashed var(--edge);
  }
  button.wide {
    width: 100%;
    min-height: 48px;
    font-size: 1.07em;
  }
  button.quiet {
    border-color: transparent;
    background: none;
    color: var(--accent);
    padding: 6px 8px;
    min-height: 32px;
  }
  .row > .quiet:first-child,
  .details > .quiet {
    margin-inline-start: -8px;
  }
  button.quiet:hover:enabled {
    background: var(--accent-soft);
  }
  button.quiet:disabled {
    color: var(--muted);
    border-color: transparent;
  }
  button.danger,
  button.quiet.danger {
    color: var(--bad);
  }
  button.danger:hover:enabled {
    background: var(--bad-soft);
    border-color: var(--bad);
  }
  button.jump {
    color: var(--bad);
    background: var(--bad-soft);
    border: 1px solid transparent;
    border-radius: 99px;
    padding: 2px 12px;
    min-height: 28px;
    font-size: 0.87em;
  }
  button.jump:hover:enabled {
    border-color: var(--bad);
    background: var(--bad-soft);
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  [tabindex='-1']:focus-visible {
    outline-width: 2px;
  }
  .label {
    color: var(--muted);
    font-size: 0.87em;
    font-weight: 500;
  }
  .label small {
    margin-inline-start: 4px;
    font-weight: 400;
  }
  .field {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 4px;
    align-content: start;
  }
  .box {
    display: flex;
    align-items: center;
    background: var(--surface);
    border: 1px solid var(--edge);
    border-radius: calc(var(--radius) - 3px);
  }
  .box:focus-within {
    outline: 3px solid var(--accent);
    outline-offset: 1px;
  }
  .unit {
    padding-inline-start: 12px;
    color: var(--muted);
    font-size: 0.87em;
    font-weight: 600;
  }
  input,
  select {
    font: inherit;
    color: inherit;
    width: 100%;
    min-width: 0;
    min-height: 40px;
    padding: 8px 12px;
    border: 0;
    background: none;
    border-radius: inherit;
  }
  input:focus-visible {
    outline: none;
  }
  select {
    padding-inline-start: 8px;
    background: var(--surface);
    border: 1px solid var(--edge);
    border-radius: calc(var(--radius) - 3px);
  }
  input::placeholder {
    color: var(--muted);
    opacity: 0.85;
  }
  .amount input {
    font-variant-numeric: tabular-nums;
    font-weight: 600;
  }
  .missing > .box,
  .missing > select {
    border-color: var(--bad);
    box-shadow: inset 3px 0 0 var(--bad);
  }
  .pointed > .box,
  .pointed > select {
    background: var(--bad-soft);
  }
  :disabled input,
  :disabled select {
    color: var(--muted);
    opacity: 1;
  }
  .note:empty {
    display: none;
  }
  .red {
    color: var(--bad);
    font-size: 0.87em;
    display: inline-flex;
    gap: 4px;
    align-items: baseline;
  }
  .red .icon {
    width: 14px;
    height: 14px;
    flex: none;
    align-self: center;
  }
  .hint {
    color: var(--muted);
    font-size: 0.87em;
    margin: 0;
  }
  .hint > .icon {
    width: 16px;
    vertical-align: middle;
  }
  .chip {
    font-size: 0.8em;
    font-weight: 600;
    padding: 1px 10px;
    border-radius: 99px;
    background: var(--bg);
    color: var(--muted);
    white-space: nowrap;
  }
  .chip.succeeded {
    color: var(--ok);
    background: var(--ok-soft);
  }
  .chip.declined {
    color: var(--bad);
    background: var(--bad-soft);
  }
  .chip.unknown {
    color: var(--warn);
    background: var(--warn-soft);
  }
  code {
    font-family: var(--mono);
    font-size: 0.95em;
    overflow-wrap: anywhere;
  }
  .icon {
    flex: none;
  }
  .spinner {
    width: 1.1em;
    height: 1.1em;
    border: 2.5px solid color-mix(in srgb, currentColor 25%, transparent);
    border-top-color: currentColor;
    border-radius: 50%;
    animation: turn 900ms linear infinite;
    display: inline-block;
    flex: none;
  }
  @keyframes turn {
    to {
      rotate: 360deg;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
    }
  }
`;
