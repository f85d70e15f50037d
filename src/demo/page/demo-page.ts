import '../../panel/tonelock-panel.ts';
import type { Frame } from '../../panel/frame.ts';
import { pickLanguage } from '../../panel/messages/language.ts';
import { DemoApi, type DemoState } from './demo-api.ts';
import { type DemoLanguage, demoText } from './demo-text.ts';
import { Keypad } from './keypad.ts';
import { Listening } from './listening.ts';

const agentToken = 'agent-1001';
const pollMs = 700;
/** Longer than a press and its gap, so that the customer's phone plays each key before the next is queued. */
const keyEveryMs = 240;
/** Published test data of Visa: no account stands behind it. */
const testCard = '4111111111111111';
const testCode = '123';
const keysShown = 24;

const api = new DemoApi(agentToken);
const byId = (id: string): HTMLElement => {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`no #${id} on the page`);
  return element;
};

let language: DemoLanguage = pickLanguage([
  ...[new URLSearchParams(window.location.search).get('lang') ?? ''].filter((tag) => tag !== ''),
  ...navigator.languages,
]);
let customer: DemoState['customer']['state'] | 'away' = 'away';
let pressed = '';
let taken = { mask: '', digits: 0 };
let locked = false;
let agent: DemoState['agent'] = {};

const panel = document.querySelector('tonelock-panel');
const listening = new Listening((after) => api.agentHears(after));
const keypad = new Keypad(byId('keypad'), (key) => {
  pressed = (pressed + key).slice(-keysShown);
  draw();
  const way = (byId('way') as HTMLSelectElement).value === 'tones' ? 'tones' : 'events';
  api.press(key, way).catch(() => void poll());
});

function draw(): void {
  const text = demoText[language];
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll<HTMLElement>('[data-text]')) {
    const words = text[element.dataset['text'] as keyof typeof text];
    if (typeof words === 'string') element.textContent = words;
  }
  byId('keypad').setAttribute('aria-label', text.keypad);
  const status = byId('customer-state');
  status.textContent = text[customer];
  status.dataset['state'] = customer;
  byId('customer-keys').textContent = pressed;
  byId('strip-customer').textContent = pressed === '' ? '–' : pressed;
  const sees = byId('strip-agent');
  sees.textContent = taken.digits === 0 ? '–' : taken.mask;
  byId('strip-count').textContent = taken.digits === 0 ? '' : text.digits(taken.digits);
  const hears = byId('strip-ear');
  hears.textContent = earText();
  for (const part of [sees, hears]) part.classList.toggle('locked', locked);
  const { eventPackets } = agent;
  byId('strip-packets').textContent = talks() ? text.earTones(eventPackets ?? 0) : '';
  byId('listen').textContent = listening.on ? text.mute : text.listen;
  byId('listen').setAttribute('aria-pressed', String(listening.on));
  keypad.enable(customer === 'talking');
  for (const id of ['play-card', 'play-code', 'hang-up'])
    toggle(id, customer === 'talking' || (id === 'hang-up' && customer === 'calling'));
  toggle('call', customer === 'idle');
}

function toggle(id: string, enabled: boolean): void {
  (byId(id) as HTMLButtonElement).disabled = !enabled;
}

const talks = (): boolean => customer === 'talking' && agent.ear !== undefined;

function earText(): string {
  const text = demoText[language];
  if (!talks()) return '–';
  return agent.ear === 'voice' || agent.ear === 'tone' ? text.earHears : text.earSilent;
}

async function poll(): Promise<void> {
  const state = await api.state().catch(() => undefined);
  customer = state?.customer.state ?? 'away';
  agent = state?.agent ?? {};
  if (customer === 'idle') [pressed, taken, locked] = ['', { mask: '', digits: 0 }, false];
  draw();
}

/** The strip follows what the server sends to the agent, not what this page knows of the customer's keys. */
function follow(frame: Frame): void {
  if (frame.type === 'capture.locked') [pressed, taken, locked] = ['', { mask: '', digits: 0 }, true];
  if (frame.type === 'capture.progress' || frame.type === 'capture.completed') taken = frame;
  if (frame.type === 'capture.failed') taken = { mask: '', digits: 0 };
  if (frame.type === 'capture.unlocked') locked = false;
  if (frame.type.startsWith('call.')) void poll();
  draw();
}

async function play(keys: string): Promise<void> {
  for (const key of keys) {
    keypad.press(key);
    await new Promise((resolve) => setTimeout(resolve, keyEveryMs));
  }
}

async function act(action: 'call' | 'hangUp'): Promise<void> {
  await api.act(action).catch(() => undefined);
  await poll();
}

byId('call').addEventListener('click', () => void act('call'));
byId('hang-up').addEventListener('click', () => void act('hangUp'));
byId('listen').addEventListener('click', () => void listening.toggle().then(draw));
byId('play-card').addEventListener('click', () => void play(testCard));
byId('play-code').addEventListener('click', () => void play(testCode));

if (panel !== null) {
  panel.lang = language;
  panel.token = agentToken;
  panel.addEventListener('tonelock', (event) => follow((event as CustomEvent<Frame>).detail));
  new MutationObserver(() => {
    language = pickLanguage([panel.lang]);
    draw();
  }).observe(panel, { attributes: true, attributeFilter: ['lang'] });
}
draw();
void poll();
setInterval(() => void poll(), pollMs);
