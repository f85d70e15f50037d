import { PanelDesk } from '../support/panel-desk.ts';
import { impatient, panelSetbacks } from '../support/panel-setbacks.ts';

panelSetbacks(new PanelDesk('ja', 'keyboard', impatient));
