/** Version of the messages between a page and the panel in its frame; each message names it as `tonelock`. */
export const protocolVersion = 1;

/** What the page around the frame may say. Every message may carry an `id`, by which its answer is known. */
export type FrameOrder =
  | { readonly type: 'hello' }
  | {
      readonly type: 'start';
      readonly ticket?: string;
      readonly token?: string;
      readonly callId?: string;
      readonly lang?: string;
      readonly theme?: string;
      /** What the agent says at each step, by the panel's own keys; an empty text says nothing. */
      readonly sayings?: Readonly<Record<string, string>>;
    }
  | { readonly type: 'open' | 'prefill'; readonly details: Readonly<Record<string, string | number | null>> }
  | { readonly type: 'hide' | 'restore' | 'close' };

export type ReadOrder =
  | { readonly kind: 'order'; readonly id: string | null; readonly order: FrameOrder }
  /** Ours, but not to be followed; `why` is told to the sender. */
  | { readonly kind: 'refused'; readonly id: string | null; readonly why: 'version' | 'message' };

type Fields = Readonly<Record<string, unknown>>;

/** Longer than any token or name. */
const textMax = 4096;
/** Of details, and of sayings. */
const entriesMax = 40;

/** @returns undefined for what is no message of this protocol at all: other scripts of the page talk too. */
export function readOrder(data: unknown): ReadOrder | undefined {
  if (typeof data !== 'object' || data === null || !('tonelock' in data)) return undefined;
  const fields = data as Fields;
  const id = typeof fields['id'] === 'string' ? fields['id'].slice(0, 64) : null;
  if (fields['tonelock'] !== protocolVersion) return { kind: 'refused', id, why: 'version' };
  const order = orderOf(fields);
  return order === undefined ? { kind: 'refused', id, why: 'message' } : { kind: 'order', id, order };
}

function orderOf(fields: Fields): FrameOrder | undefined {
  switch (fields['type']) {
    case 'hello':
    case 'hide':
    case 'restore':
    case 'close':
      return { type: fields['type'] };
    case 'start':
      return startOf(fields);
    case 'open':
    case 'prefill': {
      const details = entriesOf(fields['details'] ?? {}, isDetail);
      return details && { type: fields['type'], details };
    }
    default:
      return undefined;
  }
}

function startOf(fields: Fields): FrameOrder | undefined {
  const names = ['ticket', 'token', 'callId', 'lang', 'theme'].filter((name) => fields[name] !== undefined);
  if (names.some((name) => !isText(fields[name]))) return undefined;
  const texts = Object.fromEntries(names.map((name) => [name, fields[name]]));
  if (fields['sayings'] === undefined) return { type: 'start', ...texts };
  const sayings = entriesOf(fields['sayings'], isText);
  return sayings && { type: 'start', ...texts, sayings };
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.length <= textMax;

type Detail = string | number | null;
const isDetail = (value: unknown): value is Detail => value === null || typeof value === 'number' || isText(value);

function entriesOf<T>(value: unknown, fits: (one: unknown) => one is T): Readonly<Record<string, T>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  const good = entries.filter((entry): entry is [string, T] => fits(entry[1]));
  return good.length === entries.length && good.length <= entriesMax ? Object.fromEntries(good) : undefined;
}

/**
 * Whether a page of this origin may talk to the frame.
 * @param listed origins as the server's policy names them: `https://crm.example`, `https://*.crm.example`.
 */
export function mayTalk(origin: string, own: string, listed: readonly string[]): boolean {
  if (origin === own) return true;
  return listed.some((one) => {
    const [scheme, host] = one.split('://*.');
    // As in a policy, the star stands for one label or more, never for none (CSP 3 §6.7.2.7).
    if (host === undefined) return one.toLowerCase().replace(/\/$/, '') === origin;
    return origin.startsWith(`${scheme}://`) && origin.endsWith(`.${host}`);
  });
}
