import { TonelockFrame } from './tonelock-frame.js';

/*
 * The pane at the side of Customer Service workspace. `Xrm` belongs to the page around this web resource; it fetches tickets by
 * a custom API of the environment, whose plug-in holds the gateway's token, and knows the case that is open.
 */
const { Xrm } = window.parent;
const said = document.getElementById('said');

/** An environment variable of Dataverse, so that test and production differ without a change here. */
async function gatewayOrigin() {
  const query = "?$filter=schemaname eq 'new_TonelockGateway'&$select=defaultvalue";
  const { entities } = await Xrm.WebApi.retrieveMultipleRecords('environmentvariabledefinition', query);
  return entities[0].defaultvalue;
}

async function ticket() {
  const request = {
    getMetadata: () => ({
      boundParameter: null,
      parameterTypes: {},
      operationType: 0,
      operationName: 'new_TonelockTicket',
    }),
  };
  const answer = await Xrm.WebApi.online.execute(request);
  if (!answer.ok) throw new Error('no ticket');
  return (await answer.json()).Ticket;
}

/** Digits behind the point where ISO 4217 has not two; enter what else you sell in. */
const minorDigits = { JPY: 0, KRW: 0, BHD: 3, KWD: 3 };

/** Amount and currency belong together: the gateway counts in the currency's smallest unit. */
async function moneyOf(form) {
  const amount = form.attributes.get('new_amount')?.getValue();
  const [currency] = form.attributes.get('transactioncurrencyid')?.getValue() ?? [];
  if (!amount || !currency) return {};
  const { isocurrencycode } = await Xrm.WebApi.retrieveRecord(
    'transactioncurrency',
    currency.id,
    '?$select=isocurrencycode',
  );
  const digits = minorDigits[isocurrencycode] ?? 2;
  return { amount: Math.round(amount * 10 ** digits), currency: isocurrencycode };
}

/** What the form of the open case knows already; the panel shows it filled in. */
async function detailsOfCase() {
  const form = Xrm.Page?.data?.entity;
  if (!form) return { type: 'charge' };
  return { type: 'charge', ...(await moneyOf(form)), reference: form.getPrimaryAttributeValue() };
}

try {
  const gateway = await gatewayOrigin();
  const tonelock = new TonelockFrame(document.getElementById('panel'), gateway);
  await tonelock.ready();
  await tonelock.start({ ticket: await ticket() });
  tonelock.addEventListener('call.answered', async () => {
    await tonelock.open(await detailsOfCase()).catch(() => undefined);
  });
  tonelock.addEventListener('payment.succeeded', ({ detail }) =>
    Xrm.App.addGlobalNotification({
      type: 2,
      level: 1,
      message: `Payment taken, reference ${detail.reference}`,
      showCloseButton: true,
    }),
  );
} catch {
  said.textContent = 'The payment panel cannot be opened. Please tell your administrator.';
}
