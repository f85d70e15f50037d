import { z } from 'zod';
import { amountMax } from '../payment/details.ts';
import { sessionViewSchema } from '../payment/session-view.ts';
import { cardFields } from '../shared/card-field.ts';
import { CodedError, type ErrorCode } from '../shared/coded-error.ts';
import type { SessionId } from '../shared/ids.ts';
import { detailsSchema } from './details.ts';
import { ownSession } from './owned.ts';
import { takePayments } from './permission.ts';
import { type ApiRequest, type Route, route } from './route.ts';
import type { Actor, SessionDesk } from './session-desk.ts';

const lineNumberLimit = 1000;

export const pspChoiceSchema = z.strictObject({ psp: z.string().max(40) });
export const addedPaymentSchema = z.strictObject({
  type: z.enum(['charge', 'authorise', 'tokenise']),
  amount: z.number().int().min(0).max(amountMax),
});
export const captureRequestSchema = z.strictObject({ field: z.enum(cardFields) });
export const surchargeAnswerSchema = z.strictObject({ accept: z.boolean() });
/** A command that says all by its path: no body, or an empty object. */
export const nothingSchema = z.strictObject({}).prefault({});

interface CommandDefinition<B extends z.ZodType> {
  readonly name: string;
  readonly method: Route['method'];
  /** After `/v1/sessions/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly status?: 200 | 202;
  readonly problems: readonly ErrorCode[];
  readonly body: B;
  readonly command: (id: SessionId, actor: Actor, request: ApiRequest<z.output<B>>) => Promise<unknown>;
}

/** The payment session, command by command. Each answers with the session's new masked state. */
export function sessionRoutes(desk: SessionDesk): Route[] {
  const command = <B extends z.ZodType>({ path, status, command: run, ...rest }: CommandDefinition<B>): Route =>
    route({
      ...rest,
      path: `/v1/sessions/{id}${path}`,
      permissions: takePayments,
      status: status ?? 200,
      problems: ['session-not-found', 'session-closed', 'call-ended', 'wrong-state', ...rest.problems],
      answer: sessionViewSchema,
      run: async (request) => {
        const { id, view } = ownSession(desk, request.path['id'] ?? '', request.scope);
        await run(id, request.actor, request as ApiRequest<z.output<B>>);
        return {
          value: desk.get(id) ?? { ...view, state: 'closed' as const, locked: false, capturing: null, can: [] },
        };
      },
    });

  return [
    route({
      name: 'getSession',
      method: 'GET',
      path: '/v1/sessions/{id}',
      summary: 'The whole masked state of a session',
      permissions: ['calls.read'],
      status: 200,
      problems: ['session-not-found'],
      body: null,
      answer: sessionViewSchema,
      run: ({ path, scope }) => ({ value: ownSession(desk, path['id'] ?? '', scope).view }),
    }),
    ...formCommands(desk, command),
    ...captureCommands(desk, command),
    ...outcomeCommands(desk, command),
  ];
}

type CommandMaker = <B extends z.ZodType>(definition: CommandDefinition<B>) => Route;

/** What the agent fills in before anything is keyed. */
function formCommands(desk: SessionDesk, command: CommandMaker): Route[] {
  return [
    command({
      name: 'closeSession',
      method: 'DELETE',
      path: '',
      summary: 'Closes the session: cancels a payment in progress, wipes, ends the interlock',
      problems: [],
      body: nothingSchema,
      command: (id, actor) => desk.close(id, actor),
    }),
    command({
      name: 'commitPsp',
      method: 'PUT',
      path: '/psp',
      summary: 'Commits a change of payment service provider',
      problems: ['unknown-psp', 'psp-change-limit', 'capture-running'],
      body: pspChoiceSchema,
      command: (id, actor, { body }) => desk.commitPsp(id, body.psp, actor),
    }),
    command({
      name: 'changeDetails',
      method: 'PATCH',
      path: '/details',
      summary: "Changes details by the provider's field list; null empties one",
      problems: ['bad-detail', 'unknown-type'],
      body: detailsSchema,
      command: (id, actor, { body }) => desk.changeDetails(id, body, actor),
    }),
    command({
      name: 'addPayment',
      method: 'POST',
      path: '/payments',
      summary: 'Adds a payment on the same card',
      problems: ['too-many-payments', 'not-for-tokenise', 'unknown-type', 'bad-detail'],
      body: addedPaymentSchema,
      command: (id, actor, { body }) => desk.addPayment(id, body, actor),
    }),
    command({
      name: 'removePayment',
      method: 'DELETE',
      path: '/payments/{n}',
      summary: 'Removes an added payment',
      problems: ['payment-not-found'],
      body: nothingSchema,
      command: (id, actor, { path }) => desk.removePayment(id, lineNumber(path['n']), actor),
    }),
  ];
}

function captureCommands(desk: SessionDesk, command: CommandMaker): Route[] {
  return [
    command({
      name: 'requestCapture',
      method: 'POST',
      path: '/captures',
      summary: 'Takes a field from the keypad; answers once the media side has confirmed the lock',
      status: 202,
      problems: ['capture-running', 'cvc-before-pan', 'field-not-captured-by-keypad', 'media-failed', 'cde-lost'],
      body: captureRequestSchema,
      command: (id, actor, { body }) => desk.requestCapture(id, body.field, actor),
    }),
    command({
      name: 'stopCapture',
      method: 'DELETE',
      path: '/captures/current',
      summary: 'Stops taking the field and wipes what was keyed',
      problems: ['no-capture'],
      body: nothingSchema,
      command: (id, actor) => desk.stopCapture(id, actor),
    }),
  ];
}

/** From the submit on. */
function outcomeCommands(desk: SessionDesk, command: CommandMaker): Route[] {
  const plain = { method: 'POST', body: nothingSchema } as const;
  return [
    command({
      ...plain,
      name: 'authorise',
      path: '/authorise',
      summary: 'Sends the payments to the provider; the outcome comes as an event',
      status: 202,
      problems: ['missing-fields', 'do-not-resubmit', 'capture-running', 'storage-failed'],
      command: (id, actor) => desk.authorise(id, actor),
    }),
    command({
      name: 'answerSurcharge',
      method: 'POST',
      path: '/surcharge',
      summary: 'Accepts or refuses the quoted surcharge',
      status: 202,
      problems: ['storage-failed'],
      body: surchargeAnswerSchema,
      command: (id, actor, { body }) => desk.answerSurcharge(id, body.accept, actor),
    }),
    command({
      ...plain,
      name: 'retry',
      path: '/retry',
      summary: 'Back to the details after a decline',
      problems: ['retry-not-allowed', 'controlled-by-crm', 'do-not-resubmit'],
      command: (id, actor) => desk.retry(id, actor),
    }),
    command({
      ...plain,
      name: 'newPayment',
      path: '/new-payment',
      summary: 'A new payment with a new card, after one that succeeded or is unknown',
      problems: ['split-not-allowed', 'controlled-by-crm'],
      command: (id, actor) => desk.newPayment(id, actor),
    }),
    command({
      ...plain,
      name: 'cancel',
      path: '/cancel',
      summary: 'Cancels the payment; once it was sent, voids it where the provider can',
      problems: [],
      command: (id, actor) => desk.cancel(id, actor),
    }),
    command({
      ...plain,
      name: 'enquire',
      path: '/enquiry',
      summary: 'Asks the provider what became of an unknown payment',
      status: 202,
      problems: ['cannot-enquire'],
      command: (id, actor) => desk.enquire(id, actor),
    }),
  ];
}

function lineNumber(text: string | undefined): number {
  const n = /^\d{1,4}$/.test(text ?? '') ? Number(text) : 0;
  if (n < 1 || n > lineNumberLimit) throw new CodedError('payment-not-found');
  return n;
}
