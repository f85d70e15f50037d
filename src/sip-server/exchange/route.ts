import { parseSipUri } from '../message/sip-uri.ts';
import type { Flow, Target } from '../transport/flow.ts';
import type { ClientDialog, Exchange } from './exchange.ts';

const noTransport = 'requested protocol/transport not available';
const toMyself = 'can not send request to myself';

/**
 * Finds the flow to a URI and calls `use` with it: at once where the address is known, else when the resolver has
 * answered. `use` gets a text for what can never be sent, undefined if the name has no address now.
 */
export function flowOf(
  exchange: Exchange,
  uri: string,
  dialog: ClientDialog | undefined,
  use: (found: Flow | string | undefined) => void,
): void {
  const known = dialog === undefined ? undefined : flowBack(exchange, uri, dialog);
  if (known !== undefined) {
    use(known);
    return;
  }
  const target = exchange.locator.locate(uri);
  if (target === undefined) use(noTransport);
  else if (target instanceof Promise) {
    target.then(
      (found) => use(choose(exchange, found, dialog)),
      () => use(undefined),
    );
  } else use(choose(exchange, target, dialog));
}

function choose(exchange: Exchange, target: Target, dialog: ClientDialog | undefined): Flow | string {
  if (exchange.layer.transports.isOwn(target)) return toMyself;
  return exchange.layer.transports.flowTo(target, dialog?.flow) ?? noTransport;
}

/** The way that the peer's last message came, where the peer can be reached by no other or that one is open already. */
function flowBack(exchange: Exchange, uri: string, dialog: ClientDialog): Flow | undefined {
  const { flow } = dialog;
  const open = exchange.layer.transports.isOpen(flow);
  if (dialog.behindNat) return flow.protocol === 'udp' || open ? flow : undefined;
  // A peer that called over TCP rarely accepts connections at the port of its Contact; its own connection still stands.
  return open && parseSipUri(uri)?.host === flow.remote.address ? flow : undefined;
}
