import { frameSchemas, pingSchema, pongSchema, resumeSchema } from './frame.ts';
import { componentSchemas, reference } from './json-schema.ts';
import { apiVersion, viewSchemas } from './open-api.ts';
import { eventsPath, subprotocol } from './socket-gate.ts';

/** Describes the WebSocket as AsyncAPI 3.0: what the server sends, and the two things a client may say. */
export function asyncApiDocument(): object {
  const said = { ...frameSchemas, pong: pongSchema };
  const heard = { resume: resumeSchema, ping: pingSchema };
  const types = Object.keys(said);
  const channel = '#/channels/events';
  const message = (type: string): object => ({ $ref: `${channel}/messages/${type}` });
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'tonelock agent events',
      version: apiVersion,
      description:
        `Open \`${eventsPath}\` with the subprotocols \`${subprotocol}\` and \`bearer.<token>\`. The first frame is a ` +
        'snapshot: the calls and their open sessions, and those closed ones whose provider has not answered yet; `seq` ' +
        'counts up per agent. A reader who is too slow gets a snapshot in place of the events it missed.',
    },
    defaultContentType: 'application/json',
    channels: {
      events: {
        address: eventsPath,
        messages: Object.fromEntries([
          ...types.map((type) => [type, { name: type, payload: reference(type) }]),
          ...Object.keys(heard).map((type) => [type, { name: type, payload: reference(type) }]),
        ]),
        bindings: { ws: { method: 'GET' } },
      },
    },
    operations: {
      sendEvents: { action: 'send', channel: { $ref: channel }, messages: types.map(message) },
      receiveMessages: { action: 'receive', channel: { $ref: channel }, messages: Object.keys(heard).map(message) },
    },
    components: {
      schemas: componentSchemas(new Map([...viewSchemas, ...Object.entries(said), ...Object.entries(heard)])),
    },
  };
}
