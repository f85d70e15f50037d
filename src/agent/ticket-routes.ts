import { z } from 'zod';
import { CodedError } from '../shared/coded-error.ts';
import type { CallDirectory } from './call-directory.ts';
import type { PanelTickets } from './panel-tickets.ts';
import { takePayments } from './permission.ts';
import { everybody, type Route, route } from './route.ts';

export const ticketRequestSchema = z
  .strictObject({ callId: z.string().max(128).nullable().default(null) })
  .prefault({});
export const ticketSchema = z.object({
  ticket: z.string(),
  /** Relative to this gateway; opens the panel once. */
  url: z.string(),
  expiresAt: z.iso.datetime(),
});
export const ticketExchangeSchema = z.strictObject({ ticket: z.string().min(1).max(128) });
export const panelTokenSchema = z.object({
  token: z.string(),
  agent: z.string(),
  callId: z.string().nullable(),
  expiresAt: z.iso.datetime(),
});

const at = (ms: number): string => new Date(ms).toISOString();

/** How a CRM opens the panel for an agent without a token in an address. */
export function ticketRoutes(tickets: PanelTickets, calls: CallDirectory): Route[] {
  return [
    route({
      name: 'makeTicket',
      method: 'POST',
      path: '/v1/tickets',
      summary: 'A link that opens the panel once, within a minute; for another agent with `crm.control`',
      permissions: takePayments,
      status: 201,
      problems: ['call-not-found'],
      body: ticketRequestSchema,
      answer: ticketSchema,
      // A ticket that was burnt meanwhile is no answer to a repeated request: each makes a new one, and none is stored.
      replayable: false,
      run: async ({ body, scope }) => {
        if (scope === everybody) throw new CodedError('bad-request', 'a ticket is for one agent', ['query']);
        const { callId } = body;
        if (callId !== null && !(await calls.callsOf(scope)).some((call) => call.callId === callId))
          throw new CodedError('call-not-found');
        const { ticket, expiresAt } = await tickets.issue({ agent: scope, callId });
        // In the fragment, which no browser sends to a server and no proxy writes down (RFC 9110 §7.1).
        return { value: { ticket, url: `/panel/#ticket=${ticket}`, expiresAt: at(expiresAt) } };
      },
    }),
    route({
      name: 'exchangeTicket',
      method: 'POST',
      path: '/v1/tickets/exchange',
      summary: "Burns a ticket for the panel's own token",
      permissions: [],
      status: 200,
      problems: ['unauthenticated'],
      body: ticketExchangeSchema,
      answer: panelTokenSchema,
      replayable: false,
      run: async ({ body }) => {
        const { expiresAt, ...grant } = await tickets.exchange(body.ticket);
        return { value: { ...grant, expiresAt: at(expiresAt) } };
      },
    }),
  ];
}
