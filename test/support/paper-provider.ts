import type { CardRequest, PaymentProvider } from '../../src/cde/authorisation/payment-provider.ts';
import { simulatorDescription } from '../../src/cde/authorisation/providers/simulator-description.ts';
import { readPspSettings } from '../../src/cde/authorisation/psp-settings.ts';
import type { DigitBuffer } from '../../src/cde/entry/digit-buffer.ts';
import type { AuthorisationOutcome, EnquiryAnswer, PspDescription, RefundOutcome } from '../../src/cde/messages.ts';
import type { AttemptId } from '../../src/shared/ids.ts';
import { type Deferred, deferred } from './deferred.ts';

/** A provider that answers when the test says so. */
export class PaperProvider implements PaymentProvider {
  readonly timeoutMs = 30_000;
  readonly requests: { cardNumber: string; code: string | null; attempt: AttemptId; signal: AbortSignal }[] = [];
  answer: Deferred<AuthorisationOutcome> = deferred();
  enquiry: Promise<EnquiryAnswer> = Promise.resolve({ answer: 'paid', reference: null });
  voided: Promise<boolean> = Promise.resolve(true);
  refunded: Promise<RefundOutcome> = Promise.resolve({ outcome: 'refunded', reference: 'R' });
  description: PspDescription = simulatorDescription(readPspSettings([{ id: 'paper' }])[0] as never);

  describe = () => this.description;
  enquire = () => this.enquiry;
  voidPayment = () => this.voided;
  refund = () => this.refunded;

  authorise({ pan, cvc, attempt }: CardRequest, signal: AbortSignal): Promise<AuthorisationOutcome> {
    const text = (buffer: DigitBuffer) => Buffer.from(buffer.expose()).toString('latin1');
    this.requests.push({ cardNumber: text(pan), code: cvc === null ? null : text(cvc), attempt, signal });
    this.answer = deferred();
    return this.answer.promise;
  }
}
