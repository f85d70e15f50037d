import { svg, type TemplateResult } from 'lit/html.js';

const icon = (body: TemplateResult, name: string): TemplateResult<2> => svg`
  <svg class="icon ${name}" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"
    fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${body}</svg>`;

export const lockIcon = icon(
  svg`<rect x="4.5" y="10.5" width="15" height="10" rx="2.5"/><path d="M8 10.5V7.5a4 4 0 0 1 8 0v3"/><path d="M12 14.5v2"/>`,
  'lock',
);
export const tickIcon = icon(svg`<path d="m6.5 12.5 3.6 3.6 7.4-8"/>`, 'tick');
export const crossIcon = icon(svg`<path d="m8 8 8 8M16 8l-8 8"/>`, 'cross');
export const alertIcon = icon(svg`<path d="M12 4 2.8 19.5h18.4L12 4Z"/><path d="M12 10v4.2M12 17v.1"/>`, 'alert');
export const phoneIcon = icon(
  svg`<path d="M6.6 3.5h2.6l1.6 4.3-2.1 1.6a12 12 0 0 0 5.9 5.9l1.6-2.1 4.3 1.6v2.6a2 2 0 0 1-2.2 2A16.5 16.5 0 0 1 4.6 5.7a2 2 0 0 1 2-2.2Z"/>`,
  'phone',
);
export const speechIcon = icon(
  svg`<path d="M20.5 11.5a7.5 7.5 0 0 1-7.7 7.5 8.3 8.3 0 0 1-3.2-.6L4.5 20l1.3-4A7.3 7.3 0 0 1 4.8 11.5a7.7 7.7 0 0 1 15.7 0Z"/>`,
  'speech',
);
