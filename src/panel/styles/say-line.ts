/** Room for the longest line at every width: a longer one than before must not move the buttons away from under a pointer. */
export const sayLineStyles = `
  .say {
    display: flex;
    gap: 10px;
    align-items: center;
    margin: 0;
    padding: 10px 14px;
    min-height: calc(2lh + 20px);
    background: var(--accent-soft);
    border-radius: var(--radius);
    text-align: start;
  }
  .say .icon {
    color: var(--accent);
  }
  .say b {
    color: var(--accent);
    margin-inline-end: 4px;
  }
  @container (max-width: 679px) {
    .say {
      min-height: calc(3lh + 20px);
    }
  }
  @container (max-width: 499px) {
    .say {
      min-height: calc(4lh + 20px);
    }
  }
  @container (max-width: 399px) {
    .say {
      min-height: calc(5lh + 20px);
    }
  }
  @container (max-width: 329px) {
    .say {
      min-height: calc(6lh + 20px);
    }
  }
`;
