import { Board } from './board.ts';
import { LookBack } from './look-back.ts';
import { type OperatorLanguage, operatorText } from './operator-text.ts';
import { type Sample, Samples } from './samples.ts';

/** What `GET /v1/console` says. */
interface ConsoleState {
  readonly at: string;
  readonly ready: boolean;
  readonly draining: boolean;
  readonly reasons: readonly string[];
  readonly mayDrain: boolean;
  readonly samples: readonly Sample[];
}

const lookEveryMs = 2_000;

const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no #${id} on the page`);
  return found;
};

const asked = new URLSearchParams(window.location.search).get('lang') ?? navigator.language;
let language: OperatorLanguage = asked.startsWith('ja') ? 'ja' : 'en';
/** Where tokens are simulated this one works; elsewhere the page asks for one, and keeps it in its memory only. */
let token = 'agent-operator';
let signedIn = true;
let state: ConsoleState | undefined;
let asking = false;

const past = new LookBack();
const board = new Board(byId('tiles'), byId('trends'), byId('tables'));

function draw(): void {
  const text = operatorText[language];
  document.documentElement.lang = language;
  document.title = `tonelock · ${text.title}`;
  for (const element of document.querySelectorAll<HTMLElement>('[data-text]')) {
    const words = text[element.dataset['text'] as keyof typeof text];
    if (typeof words === 'string') element.textContent = words;
  }
  byId('language').textContent = text.other;
  byId('language').lang = language === 'en' ? 'ja' : 'en';
  byId('drain').textContent = text.drain;
  byId('drain').hidden = state?.mayDrain !== true || state.draining;
  byId('question').hidden = !asking;
  byId('sign-in').hidden = signedIn;
  byId('board').hidden = state === undefined;
  const line = byId('state');
  const reasons = state?.reasons.join(', ') ?? '';
  line.dataset['state'] =
    state === undefined ? 'away' : state.draining ? 'draining' : state.ready ? 'ready' : 'notReady';
  const words = text[line.dataset['state'] as 'away' | 'draining' | 'ready' | 'notReady'];
  const shown = !signedIn ? '' : reasons === '' ? words : `${words}: ${reasons}`;
  if (line.textContent !== shown) line.textContent = shown;
  board.draw(past, text, language);
}

function ask(path: string, method: 'GET' | 'POST'): Promise<Response> {
  return fetch(path, { method, headers: { authorization: `Bearer ${token}` } });
}

async function look(): Promise<void> {
  if (!signedIn) return;
  const answer = await ask('/v1/console', 'GET').catch(() => undefined);
  if (answer?.ok === true) {
    state = (await answer.json()) as ConsoleState;
    past.add({ at: Date.parse(state.at) / 1000, samples: new Samples(state.samples) });
  } else {
    state = undefined;
    signedIn = answer?.status !== 401 && answer?.status !== 403;
  }
  draw();
}

byId('language').addEventListener('click', () => {
  language = language === 'ja' ? 'en' : 'ja';
  draw();
});
byId('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  token = (byId('token') as HTMLInputElement).value.trim();
  signedIn = true;
  void look().then(() => {
    byId('refused').textContent = signedIn ? '' : operatorText[language].refused;
  });
});
byId('drain').addEventListener('click', () => {
  asking = true;
  draw();
  byId('drain-no').focus();
});
byId('drain-no').addEventListener('click', () => {
  asking = false;
  draw();
});
byId('drain-yes').addEventListener('click', () => {
  asking = false;
  void ask('/v1/drain', 'POST').then(look, look);
});

draw();
void look();
setInterval(() => void look(), lookEveryMs);
