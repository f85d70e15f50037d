/** One column from 300 px on; from 760 px the form and the card stand side by side. */
export const layout = `
  .panel {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 14px;
    padding: 14px;
    max-width: 1040px;
    margin-inline: auto;
  }
  header {
    display: flex;
    align-items: center;
    flex-wrap: wrap;
    gap: 4px 8px;
  }
  .brand {
    display: inline-flex;
    align-items: center;
    gap: 8px;
    font-weight: 700;
    font-size: 1.07em;
    margin-inline-end: auto;
  }
  .brand .icon {
    color: var(--accent);
  }
  .link {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    font-size: 0.8em;
    color: var(--muted);
  }
  .dot {
    width: 8px;
    height: 8px;
    border-radius: 50%;
    border: 2px solid var(--warn);
  }
  .live .dot {
    background: var(--ok);
    border-color: var(--ok);
  }
  h2,
  .steps,
  .fixed-text {
    text-wrap: balance;
  }
  h2,
  h3,
  legend {
    font-size: 1em;
    font-weight: 700;
    margin: 0;
    padding: 0;
  }
  section,
  fieldset {
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    padding: 14px;
    margin: 0;
    min-width: 0;
  }
  fieldset.details legend {
    float: left;
    width: 100%;
    margin-bottom: 10px;
  }
  fieldset.details legend + * {
    clear: both;
  }
  .grid {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(150px, 100%), 1fr));
    gap: 12px 14px;
  }
  .span {
    grid-column: 1 / -1;
  }
  .row {
    display: flex;
    align-items: center;
    justify-content: space-between;
    flex-wrap: wrap;
    gap: 6px 12px;
  }
  .pair {
    display: grid;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .buttons.end {
    justify-content: end;
  }
  .provider {
    display: grid;
    gap: 8px;
    padding-block: 10px;
  }
  .columns,
  .column {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 14px;
    align-content: start;
  }
  .steps {
    display: grid;
    grid-template-columns: repeat(4, minmax(0, 1fr));
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .steps li {
    display: grid;
    justify-items: center;
    align-content: start;
    gap: 4px;
    color: var(--muted);
    font-size: 0.8em;
    line-height: 1.25;
    text-align: center;
    position: relative;
  }
  .steps li + li::before {
    content: '';
    position: absolute;
    top: 12px;
    inset-inline: calc(-50% + 18px) calc(50% + 18px);
    height: 2px;
    background: var(--line);
  }
  .steps .bead {
    width: 26px;
    height: 26px;
    border-radius: 50%;
    display: grid;
    place-items: center;
    background: var(--surface);
    border: 2px solid var(--line);
    font-weight: 700;
  }
  .steps .bead .icon {
    width: 16px;
    height: 16px;
    stroke-width: 3;
  }
  .steps .done .bead {
    color: var(--surface);
    background: var(--ok);
    border-color: var(--ok);
  }
  .steps .now {
    color: var(--ink);
    font-weight: 700;
  }
  .steps .now .bead {
    border-color: var(--accent);
    box-shadow: 0 0 0 4px var(--accent-soft);
  }
  .notice {
    display: grid;
    justify-items: center;
    gap: 10px;
    text-align: center;
    padding: 28px 14px;
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }
  .notice > p:not(.say) {
    margin: 0;
    color: var(--muted);
    max-width: 44ch;
    text-wrap: balance;
  }
  .notice > p.hint {
    font-size: 0.87em;
  }
  .notice > button.wide {
    max-width: 340px;
  }
  .picture {
    width: 60px;
    height: 60px;
    border-radius: 50%;
    display: grid;
    place-items: center;
    color: var(--accent);
    background: var(--accent-soft);
  }
  .picture.live {
    color: var(--ok);
    background: var(--ok-soft);
  }
  .picture .icon {
    width: 28px;
    height: 28px;
  }
  .calls {
    list-style: none;
    margin: 0;
    padding: 0;
    display: grid;
    gap: 8px;
    width: min(100%, 340px);
  }
  .calls button {
    width: 100%;
    justify-content: start;
    text-align: start;
  }
  .calls span {
    display: grid;
  }
  .calls small {
    color: var(--muted);
    font-weight: 400;
  }
  .problem {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
    color: var(--bad);
    background: var(--bad-soft);
    border-radius: var(--radius);
    padding: 8px 14px;
  }
  .hidden-note {
    margin: 0;
    color: var(--muted);
  }
  .silent {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  footer {
    display: grid;
    gap: 10px;
    border-top: 1px solid var(--line);
    padding-top: 8px;
  }
  @container (max-width: 439px) {
    .live .link-text {
      display: none;
    }
    header .quiet {
      padding-inline: 4px;
    }
  }
  @container (max-width: 339px) {
    header {
      column-gap: 3px;
      font-size: 0.9em;
    }
  }
  @container (min-width: 760px) {
    .columns.form {
      grid-template-columns: minmax(0, 1.1fr) minmax(0, 1fr);
    }
    .panel {
      padding: 20px;
      gap: 18px;
    }
    .outcome {
      width: min(100%, 560px);
      margin-inline: auto;
    }
  }
`;
