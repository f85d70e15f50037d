import type { z } from 'zod';
import type { Clock } from '../../../shared/clock.ts';
import type { AttemptId } from '../../../shared/ids.ts';
import { minorUnitDigits } from '../../../shared/minor-units.ts';
import {
  type AuthorisationOutcome,
  type EnquiryAnswer,
  type EnquirySubject,
  type PspDescription,
  paymentTypes,
  type RefundOrder,
  type RefundOutcome,
} from '../../messages.ts';
import type { CardRequest, PaymentProvider } from '../payment-provider.ts';
import { describeProvider } from '../provider-description.ts';
import type { PspSecrets } from '../psp-secrets.ts';
import type { PspSettings } from '../psp-settings.ts';
import { readJson } from '../wire/answer-json.ts';
import { type Exchange, exchange, type Line } from '../wire/exchange.ts';
import { type JsonWithDigits, jsonPieces } from '../wire/json-pieces.ts';
import { pspTarget } from '../wire/psp-target.ts';
import {
  authoriseAnswer,
  documentVersion,
  enquireAnswer,
  nothingDoneStatuses,
  refundAnswer,
  voidAnswer,
} from './http-document.ts';

/** The endpoint's promise. */
const idempotency = { header: 'Idempotency-Key', hours: 24 };

/** The operator's own endpoint: one JSON document there, one back (`http-document.ts`). */
export class HttpProvider implements PaymentProvider {
  readonly timeoutMs: number;
  readonly #psp: PspSettings;
  readonly #line: Line;
  readonly #secrets: PspSecrets;
  readonly #description: PspDescription;

  constructor(psp: PspSettings, clock: Clock, secrets: PspSecrets) {
    this.timeoutMs = psp.timeoutSeconds * 1000;
    this.#psp = psp;
    this.#secrets = secrets;
    const target = pspTarget(psp.url ?? '', psp.tls, secrets.passphrase);
    this.#line = { target, clock, connectMs: this.timeoutMs / 2 };
    const supports = (operation: PspSettings['supports'][number]) => psp.supports.includes(operation);
    this.#description = describeProvider(psp, {
      label: { en: 'Payment service', ja: '決済サービス' },
      types: paymentTypes,
      can: {
        enquire: supports('enquire'),
        void: supports('void'),
        refund: supports('refund'),
        partialRefund: supports('refund') && supports('partialRefund'),
      },
      idempotency,
    });
  }

  describe(): PspDescription {
    return this.#description;
  }

  async authorise(
    { attempt, order, pan, brand, cvc }: CardRequest,
    signal: AbortSignal,
  ): Promise<AuthorisationOutcome> {
    const { type, amount, currency, acceptedSurcharge, details } = order;
    const exponent = minorUnitDigits(currency);
    const card = { number: pan, securityCode: cvc, brand, entry: 'telephone' };
    const document = { attempt, type, amount, currency, exponent, acceptedSurcharge, details, card };
    // A quote and the charge that follows it are two requests, and so is a charge after a second quote; one of them charges.
    const key = acceptedSurcharge === null ? attempt : `${attempt}.surcharge-${acceptedSurcharge}`;
    const came = await this.#ask('authorise', document, key, signal, [pan]);
    if (came.kind !== 'answered') return notAnswered(came);
    const answer = read(came, authoriseAnswer);
    if (answer === undefined) return { outcome: 'unknown', code: `status-${came.status}` };
    return answer.outcome === 'surcharge' ? { ...answer, total: (amount ?? 0) + answer.surcharge } : answer;
  }

  async enquire(attempt: AttemptId, about: EnquirySubject, signal: AbortSignal): Promise<EnquiryAnswer> {
    const came = await this.#ask('enquire', { about, attempt }, null, signal);
    return read(came, enquireAnswer) ?? { answer: 'still-unknown' };
  }

  async voidPayment(attempt: AttemptId, reference: string | null, signal: AbortSignal): Promise<boolean> {
    const came = await this.#ask('void', { attempt, reference }, `${attempt}.void`, signal);
    if (notDone(came)) return false;
    const answer = read(came, voidAnswer);
    if (answer === undefined) throw new Error('no answer');
    return answer.voided;
  }

  async refund(order: RefundOrder, signal: AbortSignal): Promise<RefundOutcome> {
    const { refund, attempt, reference, amount, currency } = order;
    const document = { refund, attempt, reference, amount, currency, exponent: minorUnitDigits(currency) };
    const came = await this.#ask('refund', document, refund, signal);
    if (came.kind !== 'answered') return notAnswered(came);
    return read(came, refundAnswer) ?? { outcome: 'unknown', code: `status-${came.status}` };
  }

  async #ask(
    operation: string,
    document: { readonly [name: string]: JsonWithDigits },
    key: string | null,
    signal: AbortSignal,
    quotable: CardRequest['pan'][] = [],
  ): Promise<Exchange> {
    const { credential } = this.#secrets;
    const headers = {
      'Content-Type': 'application/json',
      ...(key !== null && { [idempotency.header]: key }),
      ...(credential !== undefined && { Authorization: `Bearer ${credential}` }),
    };
    const body = jsonPieces({ version: documentVersion, operation, psp: this.#psp.id, ...document });
    const came = await exchange(this.#line, { method: 'POST', path: '', headers, body, quotable }, signal);
    if (came.kind !== 'answered' || !nothingDoneStatuses.includes(came.status)) return came;
    return { kind: 'not-sent', code: 'refused' };
  }
}

const notDone = (came: Exchange): boolean => came.kind === 'not-sent';

const notAnswered = (came: Exclude<Exchange, { kind: 'answered' }>) =>
  ({ outcome: came.kind === 'lost' ? 'unknown' : 'not-sent', code: came.code }) as const;

/** @returns undefined for everything that is no answer in the published words. */
function read<T extends z.ZodType>(came: Exchange, schema: T): z.output<T> | undefined {
  if (came.kind !== 'answered' || came.status !== 200) return undefined;
  const answer = schema.safeParse(readJson(came.body));
  return answer.success ? answer.data : undefined;
}
