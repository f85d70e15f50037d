import { PanelDesk } from '../support/panel-desk.ts';
import { panelSetbacks } from '../support/panel-setbacks.ts';

panelSetbacks(new PanelDesk('ja', 'keyboard'));
