import { clientMessageSchema, frameSchemas } from './frame.ts';
import { componentSchemas, reference } from './json-schema.ts';
import { apiVersion, viewSchemas } from './open-api.ts';
import { eventsPath, subprotocol } from './socket-gate.ts';

/** Describes the WebSocket as AsyncAPI 3.0: what the server sends, and the one thing a client may say. */
export function asyncApiDocument(): object {
  const types = Object.keys(frameSchemas);
  const channel = '#/channels/events';
  const message = (type: string): object => ({ $ref: `${channel}/messages/${type}` });
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'tonelock agent events',
      version: apiVersion,
      description:
        `Open \`${eventsPath}\` with the subprotocols \`${subprotocol}\` and \`bearer.<token>\`. The first frame is a ` +
        'snapshot; `seq` counts up per agent. A reader who is too slow gets a snapshot in place of the events it missed.',
    },
    defaultContentType: 'application/json',
    channels: {
      events: {
        address: eventsPath,
        messages: Object.fromEntries([
          ...types.map((type) => [type, { name: type, payload: reference(type) }]),
          ['resume', { name: 'resume', payload: reference('resume') }],
        ]),
        bindings: { ws: { method: 'GET' } },
      },
    },
    operations: {
      sendEvents: { action: 'send', channel: { $ref: channel }, messages: types.map(message) },
      receiveResume: { action: 'receive', channel: { $ref: channel }, messages: [message('resume')] },
    },
    components: {
      schemas: componentSchemas(
        new Map([...viewSchemas, ...Object.entries(frameSchemas), ['resume', clientMessageSchema]]),
      ),
    },
  };
}
