import type { PowerMonitor } from 'electron';
import type { GridOverrides } from '../app/runtime/grid-config.ts';

type SignalSource = NonNullable<GridOverrides['signals']>[number];

/** Events after which something is different; asked for by name, so that a system without one of them does not matter. */
const EVENTS = [
  'lock-screen',
  'unlock-screen',
  'on-ac',
  'on-battery',
  'thermal-state-change',
  'user-did-become-active',
  'user-did-resign-active',
  'resume',
] as const;

const THERMAL = ['nominal', 'fair', 'serious', 'critical'] as const;

/** Any number of seconds will do: all that is wanted is whether the screen is locked. */
const ANY_SECONDS = 60;

/** What Electron sees of the machine: in this process, so it costs nothing, and with events of the system. */
export function powerSignals(monitor: PowerMonitor, platform = process.platform): readonly SignalSource[] {
  // Without a desktop Electron's idle time is that of nobody; elsewhere it is trusted before what programs print.
  if (platform !== 'darwin' && platform !== 'win32') return [];
  return [
    {
      name: 'powerMonitor',
      cost: 'cheap',
      read: () => {
        const thermal = THERMAL.find((state) => state === monitor.getCurrentThermalState());
        return {
          idleSeconds: monitor.getSystemIdleTime(),
          screenLocked: monitor.getSystemIdleState(ANY_SECONDS) === 'locked',
          onBattery: monitor.isOnBatteryPower(),
          ...(thermal ? { thermal } : {}),
        };
      },
      watch(changed) {
        const emitter: NodeJS.EventEmitter = monitor;
        for (const event of EVENTS) emitter.on(event, changed);
        return () => {
          for (const event of EVENTS) emitter.off(event, changed);
        };
      },
    },
  ];
}
