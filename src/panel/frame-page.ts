import './tonelock-panel.ts';
import { type FrameOrder, mayTalk, protocolVersion, readOrder } from './frame-protocol.ts';
import { exchangeTicket, takeTicket } from './ticket.ts';

const askAgainMs = 1_000;

const panel = document.querySelector('tonelock-panel');

/** The page around us, once it has said hello from an origin on the list; nothing is ever sent to any other. */
let page: { readonly window: Window; readonly origin: string } | undefined;

function tell(message: object): void {
  page?.window.postMessage({ tonelock: protocolVersion, ...message }, page.origin);
}

async function start(order: FrameOrder & { type: 'start' }): Promise<void> {
  if (panel === null) return;
  if (order.lang !== undefined) panel.lang = order.lang;
  if (order.theme !== undefined) panel.setAttribute('theme', order.theme);
  if (order.callId !== undefined) panel.callId = order.callId;
  if (order.sayings !== undefined) panel.sayings = order.sayings;
  if (order.ticket === undefined) {
    panel.token = order.token ?? '';
    return;
  }
  const pass = await exchangeTicket(order.ticket);
  if (pass === undefined) throw { code: 'unauthenticated' };
  if (pass.callId !== null) panel.callId = pass.callId;
  panel.token = pass.token;
}

async function follow(order: FrameOrder): Promise<void> {
  switch (order.type) {
    case 'hello':
      return;
    case 'start':
      return start(order);
    case 'open':
    case 'prefill':
      return panel?.command(order.type, order.details);
    default:
      return panel?.command(order.type);
  }
}

async function answer(id: string | null, order: FrameOrder): Promise<void> {
  try {
    await follow(order);
    tell({ type: 'done', id });
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    tell({ type: 'failed', id, code: typeof code === 'string' ? code : 'network' });
  }
}

function listen(listed: readonly string[]): void {
  window.addEventListener('message', ({ data, source, origin }) => {
    if (source !== window.parent || !mayTalk(origin, window.location.origin, listed)) return;
    const read = readOrder(data);
    if (read === undefined) return;
    page = { window: window.parent, origin };
    if (read.kind === 'order') void answer(read.id, read.order);
    else tell({ type: 'failed', id: read.id, code: read.why, versions: [protocolVersion] });
  });
  panel?.addEventListener('tonelock', (event) => tell({ type: 'event', event: (event as CustomEvent).detail }));
  if (panel !== null) new ResizeObserver(() => tell({ type: 'size', height: panel.offsetHeight })).observe(panel);
}

/** Until the list has come nobody is listened to; a page says hello until it is answered, so a cut just then costs a moment. */
async function learnOrigins(): Promise<void> {
  const answer = await fetch('/v1/embedding').catch(() => undefined);
  if (answer?.ok === true) return listen(((await answer.json()) as { origins: string[] }).origins);
  setTimeout(() => void learnOrigins(), askAgainMs);
}

const ticket = takeTicket();
if (ticket !== undefined) void start({ type: 'start', ticket }).catch(() => undefined);
void learnOrigins();
