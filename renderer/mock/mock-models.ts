import type { EngineView, ModelView } from '../../app/contract/snapshot.ts';
import type { SceneName } from './scene.ts';

function model(name: string, gigabytes: number, rest: Partial<ModelView>): ModelView {
  return {
    name,
    sizeBytes: gigabytes * 1e9,
    parameterSize: null,
    quantization: 'Q4_K_M',
    contextLength: 131_072,
    capabilities: ['completion', 'tools'],
    loaded: false,
    shared: false,
    ownUseOnly: false,
    fit: 'fits',
    ...rest,
  };
}

export const MOCK_MODELS: readonly ModelView[] = [
  model('llama3.1:8b', 4.9, { parameterSize: '8.0B', loaded: true, shared: true }),
  model('qwen3:14b', 9.3, {
    parameterSize: '14.8B',
    contextLength: 40_960,
    capabilities: ['completion', 'tools', 'thinking'],
    fit: 'tight',
  }),
  model('gemma3:4b', 3.3, { parameterSize: '4.3B', capabilities: ['completion', 'vision'], shared: true }),
  model('llama3.3:70b', 42.5, { parameterSize: '70.6B', fit: 'too-large' }),
];

const SAMPLE = model('lobstah-sample', 0.002, {
  parameterSize: '1M',
  quantization: 'F16',
  contextLength: 1_024,
  capabilities: ['completion'],
  loaded: true,
  ownUseOnly: true,
});

export function mockEngine(scene: SceneName): EngineView {
  const memoryBytes = 16 * 2 ** 30;
  if (scene === 'first-run')
    return {
      name: 'sample',
      label: 'Sample model',
      where: 'inside Lobstah',
      reachable: true,
      version: null,
      problem: null,
      models: [SAMPLE],
      memoryBytes,
    };
  const isDown = scene === 'trouble';
  return {
    name: 'ollama',
    label: 'Ollama',
    where: 'http://127.0.0.1:11434',
    reachable: !isDown,
    version: isDown ? null : '0.17.4',
    problem: isDown ? 'Ollama does not answer. Start it, then Lobstah goes on by itself.' : null,
    models: MOCK_MODELS,
    memoryBytes,
  };
}
