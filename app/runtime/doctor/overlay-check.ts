import { loadIroh } from '../../overlay/iroh-binding.ts';
import { openSettingsFile } from '../settings.ts';
import type { DoctorInput, Finding } from './finding.ts';

/** Can peers be reached by key, if the owner wants it? Opens nothing. */
export function checkOverlay({ home }: DoctorInput): Finding {
  const { overlay } = openSettingsFile(home.settingsFile).current();
  if (overlay.state === 'off') return { message: "off: peers are reached at their addresses ('lobstah overlay on')" };
  loadIroh(); // what it throws is the finding
  const relay = overlay.relay === 'none' ? 'without a relay' : `relay: ${overlay.relay}`;
  return { message: `on, ${relay}${overlay.relayOnly ? ', through the relay only' : ''}` };
}
