import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** All metrics of the gateway. Labels are words from closed lists: never an id, never anything that was keyed or typed. */
export class Metrics {
  readonly registry = new Registry();
  readonly calls = this.#counter('calls_total', 'Calls by what became of them', ['direction', 'ended_by']);
  readonly turnedAway = this.#counter('calls_turned_away_total', 'INVITEs refused before they became calls', [
    'reason',
  ]);
  readonly oddities = this.#counter('call_oddities_total', 'Events without a meaning, and faults of our own', ['what']);
  readonly captures = this.#counter('captures_total', 'Captures by field and outcome', ['field', 'outcome']);
  readonly captureSeconds = new Histogram({
    name: 'tonelock_capture_seconds',
    help: 'Time from lock to completion or failure',
    labelNames: ['field'],
    buckets: [1, 2, 5, 10, 20, 30, 45, 60],
    registers: [this.registry],
  });
  readonly digits = this.#counter('digits_total', 'Digits accepted into fields; how many, never which', ['field']);
  readonly suppressed = this.#counter(
    'agent_leg_suppressed_packets_total',
    'Customer packets kept from the agent while secured',
    ['kind'],
  );
  readonly rtpPackets = this.#counter('rtp_packets_total', 'RTP packets by leg and fate', ['leg', 'fate']);
  readonly rtpJitter = new Histogram({
    name: 'tonelock_rtp_jitter_seconds',
    help: 'Interarrival jitter of a leg at the end of its call (RFC 3550 section 6.4.1)',
    labelNames: ['leg'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1],
    registers: [this.registry],
  });
  readonly payments = this.#counter('payments_total', 'Payments by provider and outcome', ['psp', 'outcome']);
  readonly incidents = this.#counter('room_incidents_total', 'What the walled room reports, by its closed list', [
    'word',
  ]);
  readonly sip = this.#counter('sip_events_total', 'Events of the embedded SIP server', ['event']);
  readonly api = this.#counter('api_events_total', 'Events of the HTTP and WebSocket interface', ['event']);

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** A gauge that is read when somebody asks for it. */
  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: `tonelock_${name}`,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }

  /** Prometheus text exposition format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name: `tonelock_${name}`, help, labelNames, registers: [this.registry] });
  }
}
