/** Who closes the gate, and how fast what runs must go. */
export interface ReasonKind {
  /** 'owner': said by hand; 'machine': seen; 'limit': a plan of the owner, at which what runs may end in peace */
  readonly kind: 'owner' | 'machine' | 'limit';
  /** Running answers end at once, even where the owner lets others finish: the engine itself is wanted. */
  readonly urgent?: true;
  /** one sentence for people, when nothing particular is known */
  readonly sentence: string;
  /** one for logs */
  readonly log: string;
}

/** Every reason for not serving, in the order in which they are looked at and told. `docs/sharing.md` has the same list. */
export const REASONS = {
  'switched-off': {
    kind: 'owner',
    sentence: 'Off. Only you can use the models on this machine.',
    log: 'sharing is switched off',
  },
  offline: {
    kind: 'owner',
    sentence: 'Offline. Nothing goes out of this machine and nobody gets in, until you go online again.',
    log: 'the offline switch is on',
  },
  paused: { kind: 'owner', sentence: 'Paused by you until you resume.', log: 'paused by hand' },
  'paused-until': { kind: 'owner', sentence: 'Paused by you for a while.', log: 'paused by hand until a time' },
  'paused-until-charged': {
    kind: 'owner',
    sentence: 'Paused by you until the battery is charged.',
    log: 'paused by hand until charged',
  },
  draining: {
    kind: 'owner',
    sentence: 'Stopping: what runs is finished, nothing new is taken.',
    log: 'drain: running answers end, nothing new is admitted',
  },
  drained: {
    kind: 'owner',
    sentence: 'Stopped by you after the last request. Resume to share again.',
    log: 'drained: nothing runs any more',
  },
  looking: {
    kind: 'machine',
    sentence: 'Looking whether this machine is idle.',
    log: 'the signals have not been read yet',
  },
  'owner-prompt': {
    kind: 'machine',
    urgent: true,
    sentence: 'You are using the engine. Others wait until 20 seconds after your last prompt.',
    log: "the owner's own prompt has the engine",
  },
  'engine-in-use': {
    kind: 'machine',
    urgent: true,
    sentence: 'Another program on this machine is using the engine.',
    log: 'the engine was used by something else than Lobstah',
  },
  'in-use': {
    kind: 'machine',
    sentence: 'You are using this machine. Sharing goes on when it has been idle for a while.',
    log: 'there was input, and the screen is neither locked nor off',
  },
  'exclusive-app': {
    kind: 'machine',
    sentence: 'A program that you named is running.',
    log: 'an exclusive program runs',
  },
  'display-held': {
    kind: 'machine',
    sentence: 'A film, a call or a presentation is on.',
    log: 'a program holds the display awake',
  },
  'on-battery': {
    kind: 'machine',
    sentence: 'On battery. Sharing goes on with the power adapter.',
    log: 'on battery power',
  },
  'low-charge': {
    kind: 'machine',
    sentence: 'The battery is too low to share.',
    log: 'charge below the limit, on battery',
  },
  'low-power-mode': {
    kind: 'machine',
    sentence: 'Low Power Mode is on.',
    log: 'low power mode',
  },
  hot: { kind: 'machine', sentence: 'This machine is hot and has to cool down.', log: 'thermal state above the limit' },
  'memory-short': {
    kind: 'machine',
    sentence: 'Memory is short; other programs need it.',
    log: 'memory pressure is critical',
  },
  'cpu-busy': {
    kind: 'machine',
    sentence: 'Other programs keep this machine busy.',
    log: 'other programs use more of the cores than allowed',
  },
  metered: { kind: 'machine', sentence: 'The network costs money (metered).', log: 'the network is metered' },
  'outside-schedule': {
    kind: 'limit',
    sentence: 'Outside the hours you set for sharing.',
    log: 'outside the schedule',
  },
  'budget-spent': {
    kind: 'limit',
    sentence: 'The tokens you set for today are used up. It goes on tomorrow.',
    log: "the day's token budget is spent",
  },
  settling: {
    kind: 'machine',
    sentence: 'Waiting for a moment of quiet.',
    log: 'what forbade serving has gone, but not for long enough',
  },
} as const satisfies Record<string, ReasonKind>;

export type ReasonCode = keyof typeof REASONS;
export const REASON_CODES = Object.keys(REASONS) as readonly ReasonCode[];

export interface Reason {
  readonly code: ReasonCode;
  readonly sentence: string;
}

/** @param sentence what is particular to this case, for people */
export function reason(code: ReasonCode, sentence?: string): Reason {
  return { code, sentence: sentence ?? REASONS[code].sentence };
}

export function kindOf(code: ReasonCode): ReasonKind {
  return REASONS[code];
}
