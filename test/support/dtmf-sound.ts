const rows = [697, 770, 852, 941] as const;
const columns = [1209, 1336, 1477, 1633] as const;
const layout = '123A456B789C*0#D';
const clockRate = 8000;

/**
 * Keys as sound (ITU-T Q.23), for `RtpPhone.talk`: each key for `onMs`, then silence for `offMs`, over and over.
 * Each of the two tones at about −9 dBm0.
 */
export function dtmfSound(keys: string, onMs = 80, offMs = 60): (sample: number) => number {
  const [on, period] = [(onMs * clockRate) / 1000, ((onMs + offMs) * clockRate) / 1000];
  const tones = [...keys].map((key) => {
    const at = layout.indexOf(key);
    if (at < 0) throw new Error('no such key');
    return [rows[Math.floor(at / 4)] ?? 0, columns[at % 4] ?? 0] as const;
  });
  return (sample) => {
    const pair = tones[Math.floor(sample / period) % tones.length];
    if (pair === undefined || sample % period >= on) return 0;
    const wave = (hz: number): number => Math.sin((2 * Math.PI * hz * sample) / clockRate);
    return 5000 * (wave(pair[0]) + wave(pair[1]));
  };
}
