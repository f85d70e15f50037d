/** The card and its lock: the one dark object of the panel, so that the eye rests there while the customer keys. */
export const cardStyles = `
  .card-section {
    display: grid;
    gap: 12px;
  }
  .card {
    color: #eaf2f9;
    background: linear-gradient(140deg, #17344f, #0c1f33 70%);
    border: 1px solid light-dark(#0c1f33, #34516d);
    border-radius: calc(var(--radius) + 2px);
    padding: 6px 16px;
  }
  .card.locked {
    box-shadow: 0 0 0 3px color-mix(in srgb, var(--accent) 55%, transparent);
  }
  .slot {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    grid-template-areas: 'name mark' 'value value';
    gap: 0 10px;
    align-items: center;
    padding: 10px 0;
    min-height: 72px;
  }
  .slot + .slot {
    border-top: 1px solid rgb(234 242 249 / 0.16);
  }
  .slot:focus-visible,
  .slot.pointed {
    outline: 2px solid #ffb4ac;
    outline-offset: -2px;
    border-radius: 6px;
  }
  .slot-name {
    grid-area: name;
    font-size: 0.8em;
    color: #b9cbdc;
  }
  .slot-value {
    grid-area: value;
    min-height: 30px;
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 14px;
  }
  .slot-mark {
    grid-area: mark;
    display: flex;
    align-items: center;
    gap: 10px;
    min-height: 24px;
  }
  .stars {
    display: inline-flex;
    flex-wrap: wrap;
    gap: 0 0.55em;
    font: 600 1.5em/1 var(--mono);
    letter-spacing: 0.08em;
    padding-top: 0.28em;
  }
  .dim {
    color: #b9cbdc;
  }
  .card .red,
  .failed .dim {
    color: #ffb4ac;
    font-weight: 600;
  }
  .four {
    font-size: 0.93em;
    color: #d5e3ef;
  }
  .count {
    font-size: 0.87em;
    color: #d5e3ef;
    font-variant-numeric: tabular-nums;
  }
  .brand-name {
    font-weight: 700;
    letter-spacing: 0.02em;
  }
  .ok-mark,
  .bad-mark {
    width: 24px;
    height: 24px;
    border-radius: 50%;
    display: grid;
    place-items: center;
    color: #06281a;
    background: #5fd7a2;
    animation: arrive 260ms cubic-bezier(0.2, 1.6, 0.5, 1);
  }
  .bad-mark {
    color: #3d0f0b;
    background: #ffb4ac;
  }
  .ok-mark .icon,
  .bad-mark .icon {
    width: 16px;
    height: 16px;
    stroke-width: 3.4;
  }
  @keyframes arrive {
    from {
      scale: 0.4;
      opacity: 0;
    }
  }
  .lock-banner {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px 12px;
    padding: 10px 14px;
    border-radius: var(--radius);
    background: var(--accent-soft);
    border: 2px solid var(--accent);
  }
  .lock-banner > span:nth-child(2) {
    display: grid;
    flex: 1 1 160px;
  }
  .lock-banner small {
    color: var(--muted);
  }
  .lock-badge {
    width: 40px;
    height: 40px;
    border-radius: 50%;
    display: grid;
    place-items: center;
    color: var(--on-accent);
    background: var(--accent);
    animation: breathe 2.4s ease-in-out infinite;
  }
  @keyframes breathe {
    50% {
      box-shadow: 0 0 0 7px color-mix(in srgb, var(--accent) 22%, transparent);
    }
  }
  .requests {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(210px, 100%), 1fr));
    gap: 10px;
  }
  .failure {
    margin: 0;
    padding: 10px 14px;
    border-radius: var(--radius);
    background: var(--bad-soft);
  }
  .failure > span {
    display: flex;
  }
  .failure .red {
    font-size: 1em;
    font-weight: 600;
  }
  .authorise {
    display: grid;
    gap: 10px;
    justify-items: start;
  }
  .authorise > .danger {
    justify-self: end;
  }
  .needed {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    list-style: none;
    margin: 4px 0 0;
    padding: 0;
  }
  @container (max-width: 339px) {
    .stars {
      font-size: 1.2em;
    }
  }
`;
