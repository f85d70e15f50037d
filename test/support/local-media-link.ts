import { chooseIo } from '../../src/cde/media/embedded/choose-io.ts';
import { packedOrderSchema, packOrder, unpackOrder } from '../../src/cde/media/embedded/leg-order.ts';
import type { MediaLink, OpenLink } from '../../src/cde/media/embedded/media-link.ts';
import {
  type MediaAnswer,
  type MediaAsk,
  type MediaRequest,
  mediaRequests,
} from '../../src/cde/media/embedded/media-messages.ts';
import { RelayHost } from '../../src/cde/media/embedded/relay-host.ts';
import { CodedError } from '../../src/shared/coded-error.ts';

/** A media process without the process: the same host of relays in the test's own, with the same checked messages. */
export const openLocalLink: OpenLink = async (options, events) => {
  const host = new RelayHost((wanted) => chooseIo(wanted, { wakeFds: [], blocking: false }), {
    pressed: (call, generation, key, at, carrier) => events.pressed({ call, generation, key, at, carrier }),
    lost: (call, leg) => events.lost(call, leg),
    leaked: (call, kind) => events.leaked(call, kind),
  });
  const link: MediaLink = {
    async request<K extends MediaRequest>(kind: K, ask: MediaAsk<K>): Promise<MediaAnswer<K>> {
      try {
        const checked = mediaRequests[kind].ask.parse(ask) as MediaAsk<K>;
        return mediaRequests[kind].answer.parse(await host.handle(kind, checked)) as MediaAnswer<K>;
      } catch {
        throw new CodedError('media-failed');
      }
    },
    configure: (order) => host.configure(unpackOrder(packedOrderSchema.parse(packOrder(order)))),
    close: () => host.close(),
  };
  await link.request('begin', options);
  return link;
};
