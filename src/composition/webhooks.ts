import type { Outbox, Webhook } from '../agent/webhooks/webhook.ts';
import { WebhookDesk } from '../agent/webhooks/webhook-desk.ts';
import { httpSender } from '../agent/webhooks/webhook-sender.ts';
import type { Config } from '../config/config-schema.ts';
import { type Secrets, webhookVariable } from '../config/secrets.ts';
import type { Telemetry } from '../observability/telemetry.ts';
import type { Clock } from '../shared/clock.ts';
import { StartFault } from './start-fault.ts';

/** A shorter secret can be guessed by who has seen one signed event. */
const secretLengthMin = 16;

/** Who is to be told of events; nobody by default. */
export function openWebhooks(
  { webhooks }: Config,
  secrets: Secrets,
  outbox: Outbox,
  telemetry: Telemetry,
  clock: Clock,
): WebhookDesk {
  const hooks = webhooks.map(({ name, url, events }, index): Webhook => {
    const secret = secrets.webhooks.get(webhookVariable(name)) ?? '';
    if (secret.length < secretLengthMin) {
      const wanted = `${webhookVariable(name)} must be in the environment, of ${secretLengthMin} characters or more`;
      throw new StartFault(`webhooks.${index}.name`, wanted);
    }
    return { name, url, events: new Set(events), secret };
  });
  return new WebhookDesk({
    hooks,
    outbox,
    send: httpSender(clock),
    clock,
    observer: {
      delivered: () => telemetry.apiEvent('webhook-delivered'),
      failed: (hook, status) => telemetry.webhookFailed(hook, String(status)),
      givenUp: (hook) => telemetry.webhookFailed(hook, 'given-up'),
      lost: (type) => telemetry.webhookFailed(type, 'lost'),
    },
  });
}
