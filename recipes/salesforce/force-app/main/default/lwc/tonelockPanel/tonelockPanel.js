import makeTicket from '@salesforce/apex/TonelockTicket.make';
import channel from '@salesforce/messageChannel/TonelockPayment__c';
import { MessageContext, publish, subscribe, unsubscribe } from 'lightning/messageService';
import { api, LightningElement, wire } from 'lwc';

const version = 1;
const orders = ['open', 'prefill', 'hide', 'restore', 'close'];

/** The payment panel on a voice call's page: in from the Lightning Message Service, out to it. */
export default class TonelockPanel extends LightningElement {
  /** Origin of the gateway, set in the App Builder. It must stand under Trusted URLs for `frame-src` too. */
  @api gateway;
  @wire(MessageContext) context;

  height = 520;
  problem = '';
  subscription;
  started = false;
  listener = (event) => this.receive(event);

  get address() {
    return `${this.gateway}/panel/frame.html`;
  }

  connectedCallback() {
    window.addEventListener('message', this.listener);
    this.subscription = subscribe(this.context, channel, ({ order, details }) => {
      if (orders.includes(order)) this.tell({ type: order, details: details ?? {} });
    });
  }

  disconnectedCallback() {
    window.removeEventListener('message', this.listener);
    unsubscribe(this.subscription);
  }

  renderedCallback() {
    const toolkit = this.template.querySelector('lightning-service-cloud-voice-toolkit-api');
    // The panel finds the agent's call by itself; it has only to be told that a call may be there now.
    if (!this.started) toolkit?.addEventListener('callstarted', () => this.start());
    this.template.querySelector('iframe')?.addEventListener('load', () => this.start(), { once: true });
  }

  /** A ticket is good once and for a minute: fetched at the last moment, by the server, with its own credential. */
  async start() {
    if (this.started) return;
    this.started = true;
    try {
      this.tell({ type: 'start', ticket: await makeTicket(), lang: document.documentElement.lang });
    } catch {
      this.started = false;
      this.problem = 'The payment panel cannot be opened. Please tell your administrator.';
    }
  }

  tell(message) {
    const frame = this.template.querySelector('iframe');
    frame?.contentWindow?.postMessage({ ...message, tonelock: version }, this.gateway);
  }

  receive({ source, origin, data }) {
    const frame = this.template.querySelector('iframe');
    if (origin !== this.gateway || source !== frame?.contentWindow || data?.tonelock !== version) return;
    if (data.type === 'size') this.height = Math.max(520, data.height);
    if (data.type === 'event') publish(this.context, channel, { event: data.event });
  }
}
