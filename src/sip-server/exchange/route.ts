import { parseSipUri } from '../message/sip-uri.ts';
import type { Flow, Target } from '../transport/flow.ts';
import type { ClientDialog, Exchange } from './exchange.ts';

const noTransport = 'requested protocol/transport not available';
const toMyself = 'can not send request to myself';

/** Flows in the order in which they are to be tried, none if the name has no address now; a text for what can never be sent. */
export type Found = readonly Flow[] | string;

/** Finds the flows to a URI and calls `use` with them: at once where the address is known, else when the resolver has answered. */
export function flowsOf(
  exchange: Exchange,
  uri: string,
  dialog: ClientDialog | undefined,
  use: (found: Found) => void,
): void {
  const known = dialog === undefined ? undefined : flowBack(exchange, uri, dialog);
  if (known !== undefined) {
    use([known]);
    return;
  }
  const targets = exchange.locator.locate(uri);
  if (targets === undefined) use(noTransport);
  else if (targets instanceof Promise) {
    targets.then(
      (found) => use(choose(exchange, found, dialog)),
      () => use([]),
    );
  } else use(choose(exchange, targets, dialog));
}

/** As {@link flowsOf}, for what is tried once only. */
export function flowOf(
  exchange: Exchange,
  uri: string,
  dialog: ClientDialog | undefined,
  use: (found: Flow | string | undefined) => void,
): void {
  flowsOf(exchange, uri, dialog, (found) => use(typeof found === 'string' ? found : found[0]));
}

function choose(exchange: Exchange, targets: readonly Target[], dialog: ClientDialog | undefined): Found {
  const { transports } = exchange.layer;
  if (targets.some((target) => transports.isOwn(target))) return toMyself;
  const flows = targets.flatMap((target) => transports.flowTo(target, dialog?.flow) ?? []);
  return flows.length === 0 && targets.length > 0 ? noTransport : flows;
}

/** The way that the peer's last message came, where the peer can be reached by no other or that one is open already. */
function flowBack(exchange: Exchange, uri: string, dialog: ClientDialog): Flow | undefined {
  const { flow } = dialog;
  const open = exchange.layer.transports.isOpen(flow);
  if (dialog.behindNat) return flow.protocol === 'udp' || open ? flow : undefined;
  // A peer that called over TCP rarely accepts connections at the port of its Contact; its own connection still stands.
  return open && parseSipUri(uri)?.host === flow.remote.address ? flow : undefined;
}
