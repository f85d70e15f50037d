/*
 * Where the gateway is, and the ticket that your server fetched for this agent when it made this page: see the plain page. This
 * page's origin must stand in `http.allowedOrigins` of the gateway.
 */
const asked = new URLSearchParams(window.location.hash.slice(1));
const gateway = asked.get('gateway') ?? 'http://127.0.0.1:8080';
const ticket = asked.get('ticket') ?? '';
history.replaceState(null, '', window.location.pathname);

const panel = document.querySelector('tonelock-panel');
const said = document.getElementById('said');

panel.addEventListener('tonelock', ({ detail }) => {
  said.textContent = `${detail.type}: ${detail.mask ?? detail.reference ?? ''}`;
});
document.getElementById('pay').addEventListener('click', async () => {
  try {
    await panel.command('open', { type: 'charge', amount: 12_500, currency: 'EUR', reference: 'ORDER-4711' });
  } catch ({ code }) {
    said.textContent = `Not done: ${code}`;
  }
});

await import(`${gateway}/panel/tonelock-panel.js`);
const answer = await fetch(`${gateway}/v1/tickets/exchange`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ ticket }),
});
const { token, callId } = await answer.json();
panel.server = gateway;
panel.callId = callId;
panel.token = token;
