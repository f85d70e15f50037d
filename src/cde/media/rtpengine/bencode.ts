/** What bencoding can carry, as the ng protocol uses it: texts, bytes, whole numbers, lists and dictionaries of them. */
export type Bencoded = string | Buffer | number | readonly Bencoded[] | Dictionary;
export interface Dictionary {
  readonly [key: string]: Bencoded;
}

/** Nothing that rtpengine says is nested deeper. */
const depthMax = 16;

const end = 0x65;
const colon = 0x3a;

export function encode(value: Bencoded): Buffer {
  return Buffer.concat(pieces(value));
}

function pieces(value: Bencoded): Buffer[] {
  if (Buffer.isBuffer(value)) return [Buffer.from(`${value.length}:`), value];
  if (typeof value === 'string') return [Buffer.from(`${Buffer.byteLength(value)}:${value}`)];
  if (typeof value === 'number') return [Buffer.from(`i${value}e`)];
  const [open, inner] = isList(value)
    ? ['l', value.flatMap(pieces)]
    : ['d', Object.entries(value).flatMap(([key, one]) => [...pieces(key), ...pieces(one)])];
  return [Buffer.from(open), ...inner, Buffer.from('e')];
}

const isList = (value: Bencoded): value is readonly Bencoded[] => Array.isArray(value);

/** @returns undefined for bytes that are no whole bencoded dictionary. */
export function decodeDictionary(bytes: Buffer): Dictionary | undefined {
  try {
    const reader = new Reader(bytes);
    const value = reader.value(0);
    return reader.atEnd && typeof value === 'object' && !isList(value) && !Buffer.isBuffer(value) ? value : undefined;
  } catch (error) {
    if (error instanceof Malformed) return undefined;
    throw error;
  }
}

class Malformed extends Error {}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): Bencoded {
    if (depth > depthMax) throw new Malformed();
    const kind = String.fromCharCode(this.#bytes[this.#at] ?? 0);
    if (kind >= '0' && kind <= '9') return this.#text();
    this.#at += 1;
    if (kind === 'i') return this.#number(end);
    if (kind === 'l') return this.#list(depth);
    if (kind === 'd') return this.#dictionary(depth);
    throw new Malformed();
  }

  #list(depth: number): Bencoded[] {
    const list: Bencoded[] = [];
    while (!this.#ends()) list.push(this.value(depth + 1));
    return list;
  }

  #dictionary(depth: number): Dictionary {
    const pairs = new Map<string, Bencoded>();
    while (!this.#ends()) pairs.set(this.#text(), this.value(depth + 1));
    return Object.fromEntries(pairs);
  }

  #ends(): boolean {
    if (this.#bytes[this.#at] !== end) return false;
    this.#at += 1;
    return true;
  }

  #number(until: number): number {
    const stop = this.#bytes.indexOf(until, this.#at);
    const text = stop < 0 ? '' : this.#bytes.toString('latin1', this.#at, stop);
    if (!/^-?\d{1,19}$/.test(text)) throw new Malformed();
    this.#at = stop + 1;
    return Number(text);
  }

  #text(): string {
    const length = this.#number(colon);
    const from = this.#at;
    if (length < 0 || from + length > this.#bytes.length) throw new Malformed();
    this.#at = from + length;
    return this.#bytes.toString('utf8', from, this.#at);
  }
}
