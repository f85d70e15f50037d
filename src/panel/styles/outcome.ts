/** Verdicts, bills, references and lists of payments. */
export const outcomeStyles = `
  .verdict {
    display: grid;
    justify-items: center;
    gap: 6px;
    text-align: center;
    padding: 22px 14px;
    border-radius: var(--radius);
    background: var(--surface);
    border: 1px solid var(--line);
  }
  .verdict h2 {
    font-size: 1.27em;
  }
  .verdict p {
    margin: 0;
    color: var(--muted);
    max-width: 46ch;
  }
  .verdict.good p {
    font-size: 1.5em;
    font-weight: 700;
    color: var(--ink);
    font-variant-numeric: tabular-nums;
  }
  .medal {
    width: 56px;
    height: 56px;
    border-radius: 50%;
    display: grid;
    place-items: center;
    background: var(--accent-soft);
    color: var(--accent);
    font-size: 1.6em;
  }
  .medal .icon {
    width: 30px;
    height: 30px;
    stroke-width: 2.4;
  }
  .good .medal {
    background: var(--ok);
    color: var(--surface);
  }
  .bad .medal {
    background: var(--bad-soft);
    color: var(--bad);
  }
  .doubt .medal,
  .asking .medal {
    background: var(--warn-soft);
    color: var(--warn);
  }
  .doubt,
  .asking {
    border-color: var(--warn);
  }
  .fixed-text {
    margin: 0;
    padding: 14px 16px;
    border-radius: var(--radius);
    border: 2px solid var(--warn);
    background: var(--warn-soft);
    font-weight: 700;
    font-size: 1.07em;
  }
  .provider-says {
    margin: 0;
    padding: 10px 14px;
    border-radius: var(--radius);
    background: var(--surface);
    border: 1px solid var(--line);
    display: grid;
  }
  .provider-says.paid {
    background: var(--ok-soft);
    color: var(--ok);
    font-weight: 600;
  }
  .choice {
    display: grid;
    gap: 6px;
    justify-items: start;
  }
  .choice > .danger {
    justify-self: end;
  }
  .bill {
    margin: 0;
    padding: 6px 16px;
    border-radius: var(--radius);
    background: var(--surface);
    border: 1px solid var(--line);
  }
  .bill div {
    display: flex;
    justify-content: space-between;
    gap: 12px;
    padding: 8px 0;
  }
  .bill dd {
    margin: 0;
  }
  .bill dd,
  .money {
    font-variant-numeric: tabular-nums;
    font-weight: 600;
    white-space: nowrap;
  }
  .bill .sum {
    border-top: 1px solid var(--line);
    font-weight: 700;
    font-size: 1.13em;
  }
  .summary,
  .payment,
  .added {
    display: grid;
    gap: 10px;
    justify-items: stretch;
  }
  .added {
    margin-block: 14px 6px;
    justify-items: start;
  }
  .added > fieldset,
  .lines {
    width: 100%;
  }
  .payment + .payment {
    border-top: 1px solid var(--line);
    padding-top: 10px;
  }
  .payment .row > span:first-child {
    margin-inline-end: auto;
  }
  .reference {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0 10px;
    align-items: center;
    padding: 8px 8px 8px 12px;
    border-radius: calc(var(--radius) - 3px);
    background: var(--bg);
  }
  .reference .label {
    grid-column: 1;
  }
  .reference code {
    grid-column: 1;
    font-size: 1.07em;
    font-weight: 600;
  }
  .reference button {
    grid-column: 2;
    grid-row: 1 / 3;
    min-height: 34px;
    padding-block: 4px;
  }
  .lines {
    list-style: none;
    margin: 0;
    padding: 0;
  }
  .lines li {
    display: flex;
    align-items: center;
    gap: 10px;
    border-bottom: 1px solid var(--line);
    padding: 4px 0;
    min-height: 40px;
  }
  .lines li > span:first-child {
    flex: 1;
  }
  .lines .sum {
    border: 0;
    font-weight: 700;
    margin: 6px 0 0;
  }
  .question {
    display: grid;
    gap: 8px;
    padding: 12px 14px;
    border-radius: var(--radius);
    background: var(--warn-soft);
    border: 1px solid var(--warn);
  }
  .question p {
    margin: 0;
  }
`;
