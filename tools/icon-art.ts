import type { SharingState } from '../app/contract/snapshot.ts';

/** The claw of this app, drawn for it, as SVG. One drawing gives the tray images, the app's icon and the mark of the pages. */

/** In a square of 36: what opens and closes, and two joints of the arm. */
const HAND =
  'M12.2 24.2C6.8 21.6 3.6 16.8 4.1 11.2 4.6 5.6 9.2 1.6 15.9 1c1.2-.1 1.7.9 1 1.8C14.4 6 13.6 9.6 14.5 14.4c.3 1.5 1.6 1.9 2.7.9 3.4-2.9 6-6.5 7.3-10.1.4-1.1 1.7-1.2 2.3-.1C30.3 12 28.3 20.7 20.9 24.4c-2.9 1.4-5.9 1.2-8.7-.2Z';
const ARM =
  'M12.4 27.4c2.5 1 5.2 1 7.8.2.7-.2 1.4.4 1.3 1.1-.1 1-.5 2-1 2.8-.3.4-.7.6-1.2.6-2 .1-4-.2-5.8-.9-.4-.2-.8-.5-1-.9-.4-.6-.7-1.3-.9-2-.2-.7.3-1.1.8-.9ZM14.6 34c1.3.4 2.7.6 4 .6-1.2 2.3-2.8 3.4-4.4 4.4-.3-1.7-.4-3.4-.3-4.6.1-.4.4-.5.7-.4Z';
/** What is earned and spent: held between the fingers while somebody is served. */
const TOKEN = { x: 20.6, y: 4.4, radius: 3.2 };

const PLACE = 'translate(1.6 2.2) rotate(24 18 18) scale(.9)';

function claw(hand: string): string {
  return `<g transform="${PLACE}">${hand}<path d="${ARM}"/></g>`;
}

const SOLID = `<path d="${HAND}"/>`;
const OUTLINE = `<path d="${HAND}" fill="none" stroke="#000" stroke-width="2.6" stroke-linejoin="round"/>`;
const token = (fill: string) => `<circle cx="${TOKEN.x}" cy="${TOKEN.y}" r="${TOKEN.radius}" fill="${fill}"/>`;

/** A sign in the lower right corner, with air around it. */
function withSign(air: string, sign: string): string {
  return `<mask id="air"><rect width="36" height="36" fill="#fff"/>${air}</mask><g mask="url(#air)">${claw(SOLID)}</g>${sign}`;
}

/** Each meaning has a shape of its own: a template image has no colours to tell them apart. */
const TRAY: Readonly<Record<SharingState, string>> = {
  off: claw(OUTLINE),
  ready: claw(SOLID),
  serving: claw(SOLID + token('#000')),
  paused: withSign(
    '<rect x="20.2" y="20.2" width="18" height="20" rx="3"/>',
    '<rect x="22.5" y="22.5" width="4.2" height="12" rx="1.4"/><rect x="29.5" y="22.5" width="4.2" height="12" rx="1.4"/>',
  ),
  trouble: withSign(
    '<rect x="23.5" y="17.5" width="12.5" height="18.5" rx="6"/>',
    '<rect x="27.9" y="20" width="4.2" height="9.2" rx="2.1"/><circle cx="30" cy="32.9" r="2.3"/>',
  ),
};

export const TRAY_STATES = Object.keys(TRAY) as readonly SharingState[];

export function trayArt(state: SharingState): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36">${TRAY[state]}</svg>`;
}

const CORAL = { light: '#f0745c', middle: '#dc4f39', deep: '#b8331f', shade: '#7d1d10' };

/** The shape of Mac icons: a square of 824 in 1024 whose corners begin to turn before a circle would. */
const SQUIRCLE =
  'M100 512c0-151 0-226 29-283a260 260 0 0 1 100-100c57-29 132-29 283-29s226 0 283 29a260 260 0 0 1 100 100c29 57 29 132 29 283s0 226-29 283a260 260 0 0 1-100 100c-57 29-132 29-283 29s-226 0-283-29a260 260 0 0 1-100-100c-29-57-29-132-29-283Z';

export function appIconArt(): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1024 1024">
<defs>
<linearGradient id="ground" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="${CORAL.light}"/><stop offset=".55" stop-color="${CORAL.middle}"/><stop offset="1" stop-color="${CORAL.deep}"/></linearGradient>
<linearGradient id="shell" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fff"/><stop offset="1" stop-color="#ffe6dd"/></linearGradient>
<linearGradient id="coin" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#ffe3a3"/><stop offset="1" stop-color="#f7b955"/></linearGradient>
<filter id="shadow" x="-20%" y="-20%" width="140%" height="140%"><feGaussianBlur stdDeviation="14"/></filter>
</defs>
<path d="${SQUIRCLE}" transform="translate(0 14)" fill="#000" opacity=".28" filter="url(#shadow)"/>
<path d="${SQUIRCLE}" fill="url(#ground)"/>
<path d="${SQUIRCLE}" fill="none" stroke="#fff" stroke-opacity=".22" stroke-width="4" transform="translate(10.2 10.2) scale(.98)"/>
<g transform="translate(172 158) scale(19)">
<g transform="translate(.3 .8)" fill="${CORAL.shade}" opacity=".35">${claw(SOLID + token(CORAL.shade))}</g>
<g fill="url(#shell)">${claw(SOLID + token('url(#coin)'))}</g>
</g>
</svg>`;
}

/** The app's icon without its frame and shadow, for the pages. */
export function markArt(): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="8.5" fill="${CORAL.middle}"/><g fill="#fff" transform="translate(4.5 4) scale(.74)">${claw(SOLID + token('#ffd58a'))}</g></svg>`;
}
