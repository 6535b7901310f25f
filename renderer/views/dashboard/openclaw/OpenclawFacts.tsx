import type { OpenclawView } from '../../../../app/contract/commands.ts';
import { Card } from '../../../ui/Card.tsx';

export function OpenclawFacts({ found }: { found: OpenclawView }) {
  return (
    <Card label="What was found">
      <dl className="facts">
        <dt>openclaw</dt>
        <dd className="selectable">
          {found.version} <span className="quiet">{found.path}</span>
        </dd>
        <dt>Plugin</dt>
        <dd className="selectable">{found.pluginVersion ?? 'not installed'}</dd>
        <dt>Provider</dt>
        <dd className="selectable">{found.baseUrl ?? 'not set up'}</dd>
        <dt>Default model</dt>
        <dd className="selectable">{found.defaultModel ?? 'none chosen'}</dd>
      </dl>
    </Card>
  );
}
