import { z } from 'zod';
import { sessionViewSchema } from '../payment/session-view.ts';
import { transactionSchema } from '../payment/transaction.ts';
import { CodedError } from '../shared/coded-error.ts';
import { asCallId } from '../shared/ids.ts';
import { callViewSchema } from '../telephony/call-view.ts';
import type { CallDirectory } from './call-directory.ts';
import { detailsSchema } from './details.ts';
import { ownCall } from './owned.ts';
import { takePayments } from './permission.ts';
import { everybody, type Route, route } from './route.ts';
import type { SessionDesk } from './session-desk.ts';

export const callListSchema = z.object({ calls: z.array(callViewSchema) });
export const transactionListSchema = z.object({ transactions: z.array(transactionSchema) });
const givingBack = z.array(z.enum(['refunds', 'void']));
/** `can` names the routes by which this agent may give back what is listed: none without the permission. */
export const callHistorySchema = transactionListSchema.extend({ can: givingBack });
const everyWay: z.output<typeof givingBack> = ['refunds', 'void'];
export const openingSchema = z
  .strictObject({
    control: z.enum(['agent', 'crm']).default('agent'),
    details: detailsSchema.default({}),
  })
  .prefault({});

/** Calls, the opening of a session on one, and its history. */
export function callRoutes(calls: CallDirectory, desk: SessionDesk): Route[] {
  return [
    route({
      name: 'listCalls',
      method: 'GET',
      path: '/v1/calls',
      summary: 'The live calls of the agent',
      permissions: ['calls.read'],
      status: 200,
      body: null,
      answer: callListSchema,
      run: async ({ scope }) => ({
        value: { calls: await (scope === everybody ? calls.all() : calls.callsOf(scope)) },
      }),
    }),
    route({
      name: 'openSession',
      method: 'POST',
      path: '/v1/calls/{callId}/session',
      summary: 'Opens the payment session of a call; `control: "crm"` needs the permission `crm.control`',
      permissions: takePayments,
      status: 201,
      problems: ['call-not-found', 'call-not-answered', 'call-ended', 'session-exists', 'bad-detail'],
      body: openingSchema,
      answer: sessionViewSchema,
      run: async ({ path, body, actor, scope }) => {
        const call = ownCall(calls, path['callId'] ?? '', scope);
        if (body.control === 'crm' && !actor.permissions.has('crm.control')) throw new CodedError('forbidden');
        return { value: await desk.open(asCallId(call.callId), actor, body) };
      },
    }),
    route({
      name: 'listTransactions',
      method: 'GET',
      path: '/v1/calls/{callId}/transactions',
      summary: "The call's history of payments, also for the agent it was transferred to",
      permissions: ['calls.read'],
      status: 200,
      problems: ['call-not-found', 'storage-failed'],
      body: null,
      answer: callHistorySchema,
      run: async ({ path, actor, scope }) => {
        const callId = path['callId'] ?? '';
        // Who may see everybody's is told by the desk whether there is such a call, also when it has ended.
        if (scope !== everybody && !calls.mayRead(callId, scope)) throw new CodedError('call-not-found');
        const transactions = await desk.history(asCallId(callId), actor);
        return { value: { transactions, can: actor.permissions.has('payments.refund') ? everyWay : [] } };
      },
    }),
  ];
}
