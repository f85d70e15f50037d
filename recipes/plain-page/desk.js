import { TonelockFrame } from './tonelock-frame.js';

/*
 * Where the gateway is, and the ticket that your server fetched for this agent when it made this page
 * (`POST /v1/tickets?agent=1001` with your server's own token): good once and for a minute. Here both stand in the fragment.
 */
const asked = new URLSearchParams(window.location.hash.slice(1));
const gateway = asked.get('gateway') ?? 'http://127.0.0.1:8080';
const ticket = asked.get('ticket') ?? '';
history.replaceState(null, '', window.location.pathname);

const order = { type: 'charge', amount: 12_500, cardholder: 'A. Sample', reference: 'ORDER-4711' };
const byId = (id) => document.getElementById(id);
const frame = byId('panel');
const tonelock = new TonelockFrame(frame, gateway);

function say(text) {
  byId('said').textContent = text;
}

/** A button, and in plain words why it did nothing. */
function button(id, act) {
  byId(id).addEventListener('click', () =>
    act().then(
      () => say(''),
      ({ code }) => say(`Not done: ${code}`),
    ),
  );
}

button('pay', () => tonelock.open(order));
button('hide', () => tonelock.hide());
button('restore', () => tonelock.restore());
button('close', () => tonelock.close());

tonelock.addEventListener('size', ({ detail }) => {
  frame.style.height = `${Math.max(480, detail)}px`;
});
tonelock.addEventListener('capture.progress', ({ detail }) => say(`The customer is keying: ${detail.mask}`));
tonelock.addEventListener('payment.succeeded', ({ detail }) => {
  byId('outcome').textContent = `paid, reference ${detail.reference}`;
});
tonelock.addEventListener('payment.declined', () => {
  byId('outcome').textContent = 'declined';
});
// Never ask for the money again on your own: nobody knows yet whether it was taken.
tonelock.addEventListener('payment.unknown', () => {
  byId('outcome').textContent = 'unknown: ask the provider';
});

await tonelock.ready();
await tonelock.start({ ticket, lang: document.documentElement.lang });
