/** What a burnt ticket was worth. */
export interface PanelPass {
  readonly token: string;
  readonly callId: string | null;
}

/**
 * Takes the one-time ticket out of the page's address, so that neither history nor a bookmark holds it.
 * @returns undefined where there is none.
 */
export function takeTicket(): string | undefined {
  const ticket = new URLSearchParams(window.location.hash.slice(1)).get('ticket') ?? undefined;
  if (ticket !== undefined) history.replaceState(null, '', window.location.pathname + window.location.search);
  return ticket;
}

/** Burns a ticket for a token that lives in this page's memory. @returns undefined when the ticket is no good any more. */
export async function exchangeTicket(ticket: string): Promise<PanelPass | undefined> {
  const answer = await fetch('/v1/tickets/exchange', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ticket }),
  });
  return answer.ok ? ((await answer.json()) as PanelPass) : undefined;
}
