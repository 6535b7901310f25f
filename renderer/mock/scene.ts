export const SCENES = ['busy', 'ready', 'off', 'paused', 'waiting', 'trouble', 'empty', 'first-run'] as const;
export type SceneName = (typeof SCENES)[number];

/** What a mock shows: `mock.html?scene=busy&peers=9&entries=400&still` */
export interface Scene {
  readonly name: SceneName;
  readonly peers: number;
  readonly entries: number;
  /** nothing ticks: for screenshots */
  readonly still: boolean;
}

export function parseScene(search: string): Scene {
  const params = new URLSearchParams(search);
  const name = SCENES.find((known) => known === params.get('scene')) ?? 'busy';
  const isBare = name === 'empty' || name === 'first-run';
  return {
    name,
    peers: Number(params.get('peers') ?? (isBare ? 0 : 9)),
    entries: Number(params.get('entries') ?? (isBare ? 0 : 400)),
    still: params.has('still'),
  };
}
