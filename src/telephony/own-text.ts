/**
 * The same text in memory of its own. A piece cut from a message is a view of it to the engine, and keeps all of the message
 * as long as the piece lives.
 */
export const ownText = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
