import type { ArchiveQuery } from './entry-store.ts';
import type { JournalBody } from './journal-entry.ts';

/** The attempt at a payment that an entry is about, its refunds included; undefined where it is about none. */
export function attemptOf(body: JournalBody): string | undefined {
  switch (body.kind) {
    case 'intent':
    case 'carried':
      return body.intent.attempt;
    case 'refundIntent':
    case 'refundCarried':
      return body.intent.attempt;
    case 'outcome':
    case 'refundOutcome':
      return body.attempt;
    default:
      return undefined;
  }
}

export const callOf = (body: JournalBody): string | null =>
  body.kind === 'intent' || body.kind === 'carried' ? body.intent.call : null;

export const searchValueOf = (body: JournalBody): string | null =>
  body.kind === 'intent' || body.kind === 'carried' ? (body.intent.searchValue ?? null) : null;

/** The reference that an entry brings: the merchant's with an intent, the provider's with what came of it. */
export function referenceOf(body: JournalBody): string | null {
  switch (body.kind) {
    case 'intent':
    case 'carried':
      return body.intent.merchantReference ?? null;
    case 'outcome':
    case 'refundOutcome':
      return 'reference' in body.outcome ? body.outcome.reference : null;
    default:
      return null;
  }
}

export function matches(body: JournalBody, query: ArchiveQuery): boolean {
  switch (query.by) {
    case 'call':
      return callOf(body) === query.id;
    case 'attempt':
      return attemptOf(body) === query.id;
    case 'reference':
      return referenceOf(body)?.includes(query.part) === true;
    case 'searchValue':
      return searchValueOf(body) === query.value;
    case 'nothing':
      return body.kind === 'intent';
  }
}
