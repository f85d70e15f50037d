/** What stands in the annex: the adding of a payment, the history with what is given back, and the note on a keypad test. */
export const annexStyles = `
  .adder {
    background: var(--bg);
    display: grid;
    gap: 10px;
  }
  .history ol {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  .history .sum {
    border: 0;
    font-weight: 700;
    margin: 6px 0 0;
  }
  .history li {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    gap: 2px 10px;
    align-items: center;
    padding: 8px 0;
    border-bottom: 1px solid var(--line);
    font-size: 0.93em;
  }
  .history time {
    color: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  .history .money {
    justify-self: end;
  }
  .history .chip {
    justify-self: end;
    grid-column: 3;
  }
  .history code {
    grid-column: 1 / 3;
    grid-row: 2;
    font-size: 0.87em;
    color: var(--muted);
  }
  .given {
    grid-column: 1 / -1;
    display: grid;
    grid-template-columns: subgrid;
    align-items: center;
    border-inline-start: 3px solid var(--line);
    padding-inline-start: 8px;
  }
  .chip.refunded {
    color: var(--ok);
    background: var(--ok-soft);
  }
  .chip.requested {
    color: var(--warn);
    background: var(--warn-soft);
  }
  #find {
    margin-inline-start: -8px;
  }
  .history .found li {
    grid-template-columns: minmax(0, 1fr) auto;
  }
  .found time {
    grid-column: 1 / -1;
  }
  .history .found .chip {
    grid-column: 2;
    grid-row: 3;
  }
  .history .found code {
    grid-column: 1;
    grid-row: 3;
    overflow-wrap: anywhere;
  }
  [role='search'] {
    border-top: 1px solid var(--line);
    padding-top: 10px;
  }
  .found + [role='search'] {
    border: 0;
  }
  .giving {
    grid-column: 1 / -1;
    margin: 6px 0 0;
  }
  .ways {
    display: flex;
    justify-content: end;
    gap: 4px;
  }
  .word > summary {
    color: var(--accent);
    font-weight: 600;
    cursor: pointer;
    padding: 6px 0;
  }
  .word form {
    display: grid;
    gap: 8px;
  }
  .word .row {
    justify-content: start;
    min-height: 32px;
  }
  .word [type='radio'] {
    width: 20px;
    min-height: 20px;
    accent-color: var(--accent);
  }
  .afterword {
    display: grid;
    gap: 10px;
  }
  .afterword .row {
    flex-wrap: nowrap;
  }
  .afterword .row > .quiet {
    flex: none;
  }
  .reason {
    margin: 0;
    padding: 10px 14px;
    border-radius: var(--radius);
    background: var(--surface);
    border: 1px solid var(--line);
  }
  .said,
  .keypad-note {
    padding: 10px 14px;
    border-radius: var(--radius);
    background: var(--bad-soft);
    color: var(--bad);
  }
  .said.good {
    background: var(--ok-soft);
    color: var(--ok);
  }
  .said.open,
  .keypad-note {
    background: var(--warn-soft);
    color: var(--ink);
    border: 1px solid var(--warn);
  }
  .keypad-note {
    margin: 0;
  }
`;
