import './tonelock-panel.ts';

/** Where tokens are simulated, the page may be told the agent's name; a token never stands in an address. */
const agentPattern = /^[A-Za-z0-9._-]{1,64}$/;
const panel = document.querySelector('tonelock-panel');
const asked = new URLSearchParams(window.location.search).get('agent') ?? '1001';
const language = new URLSearchParams(window.location.search).get('lang');

if (panel !== null) {
  if (language !== null) panel.lang = language;
  panel.token = `agent-${agentPattern.test(asked) ? asked : '1001'}`;
}
