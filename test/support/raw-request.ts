import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends bytes as they are to a port of this machine, and reads until the other side closes. */
export async function rawRequest(bytes: string | Buffer, port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (data) => {
    text += data.toString('latin1');
  });
  socket.on('error', () => {});
  socket.write(bytes);
  await once(socket, 'close');
  return text;
}
