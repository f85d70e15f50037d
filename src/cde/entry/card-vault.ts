import { assert } from '../../shared/assert.ts';
import type { CardBrand } from '../../shared/card-brand.ts';
import type { CardField } from '../../shared/card-field.ts';
import { CodedError } from '../../shared/coded-error.ts';
import type { SessionId } from '../../shared/ids.ts';
import type { BrandRule } from './brand-table.ts';
import type { DigitBuffer } from './digit-buffer.ts';

/** A captured value. While it is lent to a provider a wipe waits for its return, so that no half-empty card is sent. */
interface Held {
  readonly buffer: DigitBuffer;
  lent: boolean;
  doomed: boolean;
}

interface HeldCard {
  pan: Held | undefined;
  brand: BrandRule | undefined;
  cvc: Held | undefined;
}

/** A card while it is with a provider. Disposing ends the loan, and wipes what was asked to be wiped meanwhile. */
export interface CardLoan extends Disposable {
  readonly pan: DigitBuffer;
  readonly brand: CardBrand;
  readonly codeOptional: boolean;
  readonly cvc: DigitBuffer | null;
}

/** The captured card numbers and security codes of the sessions, until they are wiped. */
export class CardVault {
  readonly #cards = new Map<SessionId, HeldCard>();
  readonly #maxSessions: number;

  constructor(maxSessions: number) {
    this.#maxSessions = maxSessions;
  }

  /** Sessions that hold something. */
  get size(): number {
    return this.#cards.size;
  }

  /** The rules of the card that the session holds; undefined without one. */
  brandOf(session: SessionId): BrandRule | undefined {
    return this.#cards.get(session)?.brand;
  }

  /**
   * Makes room for a new capture: the earlier value of the field goes, and with a card number the code that belonged to it.
   * @throws {CodedError} `overloaded` when too many sessions hold cards.
   */
  prepare(session: SessionId, field: CardField): void {
    if (!this.#cards.has(session) && this.#cards.size >= this.#maxSessions) throw new CodedError('overloaded');
    this.wipe(session, [field]);
  }

  /** Keeps a card number. The session holds none: `prepare` saw to it. */
  keepPan(session: SessionId, buffer: DigitBuffer, brand: BrandRule): void {
    const card = this.#cards.get(session) ?? { pan: undefined, brand: undefined, cvc: undefined };
    assert(card.pan === undefined);
    card.pan = { buffer, lent: false, doomed: false };
    card.brand = brand;
    this.#cards.set(session, card);
  }

  /** Keeps a security code beside the card number; without one (it was wiped meanwhile) the code is wiped at once. */
  keepCvc(session: SessionId, buffer: DigitBuffer): void {
    const card = this.#cards.get(session);
    if (card === undefined) return buffer[Symbol.dispose]();
    assert(card.cvc === undefined);
    card.cvc = { buffer, lent: false, doomed: false };
  }

  /**
   * Wipes the card number (and the code with it) or the code alone; `null` is all. Other fields are not held here.
   * Harmless when the session holds nothing.
   */
  wipe(session: SessionId, fields: readonly CardField[] | null): void {
    const card = this.#cards.get(session);
    if (card === undefined) return;
    const pan = fields === null || fields.includes('pan');
    if (pan || fields.includes('cvc')) card.cvc = letGo(card.cvc);
    if (!pan) return;
    card.pan = letGo(card.pan);
    this.#cards.delete(session);
  }

  /** Wipes this very code, if the session still holds it; a later one stays. */
  wipeCode(session: SessionId, code: DigitBuffer | null): void {
    if (code !== null && this.#cards.get(session)?.cvc?.buffer === code) this.wipe(session, ['cvc']);
  }

  /**
   * Lends the card for one authorisation.
   * @throws {CodedError} `missing-fields` without a card number, `wrong-state` while it is lent already.
   */
  lend(session: SessionId): CardLoan {
    const card = this.#cards.get(session);
    if (card?.pan === undefined || card.brand === undefined) throw new CodedError('missing-fields', undefined, ['pan']);
    if (card.pan.lent) throw new CodedError('wrong-state');
    const { pan, cvc, brand } = card;
    pan.lent = true;
    if (cvc !== undefined) cvc.lent = true;
    return {
      pan: pan.buffer,
      brand: brand.brand,
      codeOptional: brand.codeOptional,
      cvc: cvc?.buffer ?? null,
      [Symbol.dispose]() {
        takeBack(pan);
        takeBack(cvc);
      },
    };
  }
}

function letGo(held: Held | undefined): undefined {
  if (held?.lent === true) held.doomed = true;
  else held?.buffer[Symbol.dispose]();
}

function takeBack(held: Held | undefined): void {
  if (held === undefined) return;
  held.lent = false;
  if (held.doomed) held.buffer[Symbol.dispose]();
}
