import { DigitBuffer } from '../../entry/digit-buffer.ts';
import type { Piece } from './request-bytes.ts';

/** Fields of a form in their order. Digits need no escaping. */
export type FormFields = readonly (readonly [name: string, value: string | number | boolean | DigitBuffer])[];

/** The text of a form, application/x-www-form-urlencoded, with the digits still in their buffers; brackets stay readable. */
export const formPieces = (fields: FormFields): Piece[] =>
  fields.flatMap(([name, value], at) => [
    `${at === 0 ? '' : '&'}${escaped(name)}=`,
    value instanceof DigitBuffer ? value : escaped(String(value)),
  ]);

const escaped = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%5B', '[')
    .replaceAll('%5D', ']');
