import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** One value, by its name in the text format. */
export interface MetricSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All metrics of the gateway. Labels are words from closed lists: never an id, never anything that was keyed or typed. */
export class Metrics {
  readonly registry = new Registry();
  readonly calls = this.#counter('calls_total', 'Calls by what became of them', ['direction', 'ended_by']);
  readonly turnedAway = this.#counter('calls_turned_away_total', 'INVITEs refused before they became calls', [
    'reason',
  ]);
  readonly oddities = this.#counter('call_oddities_total', 'Events without a meaning, and faults of our own', ['what']);
  readonly captures = this.#counter('captures_total', 'Captures by field and outcome', ['field', 'outcome']);
  readonly captureSeconds = this.#histogram('capture_seconds', 'From lock to completion or failure', ['field'], 100);
  readonly digits = this.#counter('digits_total', 'Digits accepted into fields; how many, never which', ['field']);
  readonly suppressed = this.#counter(
    'agent_leg_suppressed_packets_total',
    'Customer packets kept from the agent while secured',
    ['kind'],
  );
  readonly leaks = this.#counter('leaks_total', 'What the leak detector found on secured agent legs', ['what']);
  readonly rtpPackets = this.#counter('rtp_packets_total', 'RTP packets by leg and fate', ['leg', 'fate']);
  readonly rtpJitter = this.#histogram('rtp_jitter_seconds', 'Jitter of a leg over its call (RFC 3550)', ['leg'], 0.1);
  readonly payments = this.#counter('payments_total', 'Payments by outcome', ['outcome']);
  readonly incidents = this.#counter('room_incidents_total', 'What the walled room reports, by its closed list', [
    'word',
  ]);
  readonly sip = this.#counter('sip_events_total', 'Events of the embedded SIP server', ['event']);
  readonly api = this.#counter('api_events_total', 'Events of the HTTP and WebSocket interface', ['event']);

  readonly circle = this.#counter('gateway_events_total', 'What happens among several gateways', ['event']);

  readonly transfers = this.#counter('calls_transferred_total', 'Calls handed from one agent to another', []);
  readonly refusals = this.#counter('commands_refused_total', 'Commands refused, by code', ['where', 'code']);
  readonly deskTroubles = this.#counter('desk_troubles_total', 'Room or storage failures met by payments', ['what']);
  readonly requests = this.#histogram('http_request_seconds', 'HTTP requests', ['route', 'status'], 1);
  readonly secureSeconds = this.#histogram('secure_seconds', 'From the command to the confirmed lock', [], 1);
  readonly pspSeconds = this.#histogram(
    'psp_seconds',
    'From sending to the answer of a provider',
    ['psp', 'outcome'],
    60,
  );

  constructor() {
    // Milliseconds: so often the process is woken to see how late it is. By default it is every 10, four fifths of what it cost idle.
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: 100 });
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

  /** The gateway's own values as {@link text} has them, without the runtime's and those of single HTTP routes. */
  async samples(): Promise<MetricSample[]> {
    const families = await this.registry.getMetricsAsJSON();
    return families
      .filter(({ name }) => name.startsWith('tonelock_') && name !== 'tonelock_http_request_seconds')
      .flatMap(({ name, values }) =>
        // A histogram's values carry names of their own: bucket, sum and count.
        values.map((value) => ({
          name: 'metricName' in value && typeof value.metricName === 'string' ? value.metricName : name,
          labels: Object.fromEntries(Object.entries(value.labels).map(([label, word]) => [label, String(word)])),
          value: value.value,
        })),
      );
  }

  #histogram(name: string, help: string, labelNames: string[], largest: number): Histogram {
    const buckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].map((share) => share * largest);
    return new Histogram({ name: `tonelock_${name}`, help, labelNames, buckets, registers: [this.registry] });
  }

  #counter(name: string, help: string, labelNames: string[]): Counter {
    return new Counter({ name: `tonelock_${name}`, help, labelNames, registers: [this.registry] });
  }
}
