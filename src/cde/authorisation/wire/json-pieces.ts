import { DigitBuffer } from '../../entry/digit-buffer.ts';
import type { Piece } from './request-bytes.ts';

/** JSON in which digits stand that may never become text; they are written as strings. */
export type JsonWithDigits =
  | string
  | number
  | boolean
  | null
  | undefined
  | DigitBuffer
  | readonly JsonWithDigits[]
  | { readonly [name: string]: JsonWithDigits };

/** The text of a JSON document (RFC 8259), with the digits still in their buffers. Members that are undefined are left out. */
export function jsonPieces(value: JsonWithDigits): Piece[] {
  if (value instanceof DigitBuffer) return ['"', value, '"'];
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value ?? null)];
  if (Array.isArray(value)) return ['[', ...joined(value.map(jsonPieces)), ']'];
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return ['{', ...joined(members.map(([name, member]) => [`${JSON.stringify(name)}:`, ...jsonPieces(member)])), '}'];
}

const joined = (parts: readonly Piece[][]): Piece[] => parts.flatMap((part, at) => (at === 0 ? part : [',', ...part]));
