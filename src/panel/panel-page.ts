import './tonelock-panel.ts';
import { exchangeTicket, takeTicket } from './ticket.ts';

/** Where tokens are simulated, the page may be told the agent's name; a token never stands in an address. */
const agentPattern = /^[A-Za-z0-9._-]{1,64}$/;
/** The server knows no such token, so the panel says that nobody is signed in. */
const nobody = 'nobody';

async function show(panel: HTMLElementTagNameMap['tonelock-panel']): Promise<void> {
  const asked = new URLSearchParams(window.location.search);
  panel.lang = asked.get('lang') ?? '';
  panel.callId = asked.get('call');
  const ticket = takeTicket();
  if (ticket === undefined) {
    const agent = asked.get('agent') ?? '1001';
    panel.token = `agent-${agentPattern.test(agent) ? agent : '1001'}`;
    return;
  }
  const pass = await exchangeTicket(ticket).catch(() => undefined);
  panel.callId = pass?.callId ?? null;
  panel.token = pass?.token ?? nobody;
}

const panel = document.querySelector('tonelock-panel');
if (panel !== null) void show(panel);
