import type { SharingRulesView } from '../../../../app/contract/snapshot.ts';

type NameOf<Value> = {
  [Name in keyof SharingRulesView]: SharingRulesView[Name] extends Value ? Name : never;
}[keyof SharingRulesView];

interface RowBase {
  readonly label: string;
  readonly help: string;
}

export type RuleRow = RowBase &
  (
    | { readonly kind: 'switch'; readonly name: NameOf<boolean> }
    | {
        readonly kind: 'number';
        readonly name: NameOf<number>;
        readonly min: number;
        readonly max: number;
        readonly step: number;
      }
    | {
        readonly kind: 'choice';
        readonly name: 'whenBack';
        readonly options: readonly { readonly value: 'abort' | 'finish'; readonly text: string }[];
      }
    | {
        readonly kind: 'choice';
        readonly name: 'thermalLimit';
        readonly options: readonly { readonly value: SharingRulesView['thermalLimit']; readonly text: string }[];
      }
    | {
        readonly kind: 'keep';
        readonly name: 'keepAliveSeconds';
        readonly options: readonly { readonly value: string; readonly text: string }[];
      }
    | { readonly kind: 'text'; readonly name: 'schedule' | 'exclusiveApps'; readonly placeholder: string }
  );

const onOff = (name: NameOf<boolean>, label: string, help: string): RuleRow => ({ kind: 'switch', name, label, help });
const count = (
  name: NameOf<number>,
  [min, max, step]: readonly [number, number, number],
  label: string,
  help: string,
): RuleRow => ({
  kind: 'number',
  name,
  min,
  max,
  step,
  label,
  help,
});

/** Everything that can be set about sharing, in the order in which a person thinks of it. */
export const RULE_SECTIONS: readonly { readonly title: string; readonly rows: readonly RuleRow[] }[] = [
  {
    title: 'When this Mac counts as idle',
    rows: [
      count(
        'idleMinutes',
        [0, 600, 1],
        'Minutes without input',
        'Until others are served. 0 serves also while you use it.',
      ),
      onOff('lockedIsIdle', 'Locked screen is idle', 'At once, without waiting for the minutes.'),
      onOff('displayOffIsIdle', 'Display off is idle', 'At once, without waiting for the minutes.'),
      {
        kind: 'text',
        name: 'schedule',
        label: 'Hours',
        placeholder: 'mon-fri 22:00-07:00, sat-sun 00:00-24:00',
        help: 'Only then, per weekday, also over midnight. Empty: at any time.',
      },
      count(
        'quietSeconds',
        [5, 3_600, 5],
        'Seconds of quiet',
        'After a reason to pause has gone, before others are served again.',
      ),
    ],
  },
  {
    title: 'When you come back',
    rows: [
      {
        kind: 'choice',
        name: 'whenBack',
        label: 'What runs for others',
        help: 'Ended, another peer takes over. Finished, it goes on for a limited time.',
        options: [
          { value: 'abort', text: 'Ends at once' },
          { value: 'finish', text: 'May finish' },
        ],
      },
      count('finishSeconds', [1, 3_600, 5], 'Seconds to finish', 'The limit, where what runs may finish.'),
      count(
        'ownerQuietSeconds',
        [0, 3_600, 5],
        'Seconds after your own prompt',
        'Your prompts come first; others wait so long after the last one.',
      ),
      onOff('whileDisplayHeld', 'During films and calls', 'Serve while a program keeps the display awake.'),
      {
        kind: 'text',
        name: 'exclusiveApps',
        label: 'Programs that want this Mac alone',
        placeholder: 'Final Cut Pro, Logic Pro',
        help: 'While one of them runs nobody is served.',
      },
    ],
  },
  {
    title: 'Power and heat',
    rows: [
      onOff('onBattery', 'On battery', 'Serve without the power adapter.'),
      count('minChargePercent', [0, 100, 5], 'Lowest charge on battery, %', 'Below it nobody is served on battery.'),
      onOff('inLowPowerMode', 'In Low Power Mode', 'Serve although you asked for saving.'),
      {
        kind: 'choice',
        name: 'thermalLimit',
        label: 'Serve up to',
        help: 'The hottest state, as the system calls it, in which others are still served.',
        options: [
          { value: 'nominal', text: 'Nominal' },
          { value: 'fair', text: 'Fair' },
          { value: 'serious', text: 'Serious' },
          { value: 'critical', text: 'Critical' },
        ],
      },
      count('chargedPercent', [1, 100, 5], 'Charged at, %', 'Where a pause until charged ends.'),
    ],
  },
  {
    title: 'Memory and processor',
    rows: [
      count(
        'memoryIdlePercent',
        [1, 100, 5],
        'Memory while idle, %',
        'What models for others may take. Larger models are not offered.',
      ),
      count(
        'memoryInUsePercent',
        [1, 100, 5],
        'Memory while you use it, %',
        'The same while you are here; what is above it is unloaded when wanted.',
      ),
      count(
        'otherCpuPercent',
        [0, 100, 5],
        'Processor used by other programs, %',
        'Above it nobody is served. 0: not looked at.',
      ),
      {
        kind: 'keep',
        name: 'keepAliveSeconds',
        label: 'A model stays in memory',
        help: 'After an answer. The engine’s own way is five minutes with Ollama.',
        options: [
          { value: 'engine', text: 'As the engine does' },
          { value: '0', text: 'Not at all' },
          { value: '60', text: '1 minute' },
          { value: '1800', text: '30 minutes' },
        ],
      },
    ],
  },
  {
    title: 'Network and budget',
    rows: [
      onOff('onMetered', 'On a metered network', 'Serve although the network costs money.'),
      count(
        'tokensPerDay',
        [0, 1_000_000_000_000, 10_000],
        'Tokens a day',
        'For all others together, prompts and answers. 0: no limit.',
      ),
      count(
        'tokensPerModelPerDay',
        [0, 1_000_000_000_000, 10_000],
        'Tokens a day and model',
        'For any one model. 0: no limit.',
      ),
    ],
  },
];
