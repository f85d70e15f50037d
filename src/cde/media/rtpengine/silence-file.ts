/*
 * A WAV file of 20 ms of nothing: 8 kHz, one channel, 16 bits.
 *
 *   'RIFF' size 'WAVE' | 'fmt ' 16, PCM, channels, rate, bytes a second, block, bits | 'data' size samples
 */
const samples = 160;
const headerBytes = 44;

export function silenceFile(): Buffer {
  const file = Buffer.alloc(headerBytes + 2 * samples);
  file.write('RIFF', 0, 'latin1');
  file.writeUInt32LE(headerBytes - 8 + 2 * samples, 4);
  file.write('WAVEfmt ', 8, 'latin1');
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(8000, 24);
  file.writeUInt32LE(16_000, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36, 'latin1');
  file.writeUInt32LE(2 * samples, 40);
  return file;
}
