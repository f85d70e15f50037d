import { PanelDesk } from '../support/panel-desk.ts';
import { panelPayments } from '../support/panel-payments.ts';

panelPayments(new PanelDesk('ja', 'keyboard'));
