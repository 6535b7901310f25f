import type { SharingRulesView } from '../../../../app/contract/snapshot.ts';
import { useSnapshot } from '../../../state/app-context.tsx';
import { useCommand } from '../../../state/use-command.ts';
import { Card } from '../../../ui/Card.tsx';
import { NumberInput } from '../../../ui/NumberInput.tsx';
import { Segments } from '../../../ui/Segments.tsx';
import { Switch } from '../../../ui/Switch.tsx';
import { RuleText } from './RuleText.tsx';
import { RULE_SECTIONS, type RuleRow } from './rule-rows.ts';

/** Every rule that decides when this machine serves, section by section, defaults included. */
export function SharingRules() {
  const rules = useSnapshot((snapshot) => snapshot.sharingRules);
  const offline = useSnapshot((snapshot) => snapshot.sharing.offline);
  const command = useCommand();
  return (
    <>
      {RULE_SECTIONS.map(({ title, rows }) => (
        <div key={title} className="rules">
          <h2 className="section-title">{title}</h2>
          <Card flush label={title}>
            {rows.map((row) => (
              <div className="card-row" key={row.name}>
                <div>
                  <b className="strong">{row.label}</b>
                  <p>{row.help}</p>
                </div>
                <RuleControl row={row} rules={rules} />
              </div>
            ))}
          </Card>
        </div>
      ))}
      <Card flush label="Offline">
        <div className="card-row">
          <div>
            <b className="strong">Offline</b>
            <p>
              Closes every way to other machines: nothing goes out, nobody gets in. Your own models keep working here.
            </p>
          </div>
          <Switch
            label="Offline"
            checked={offline}
            onChange={(next) => void command('setOffline', { offline: next })}
          />
        </div>
      </Card>
    </>
  );
}

function RuleControl({ row, rules }: { row: RuleRow; rules: SharingRulesView }) {
  const command = useCommand();
  const change = (value: unknown) => void command('changeSharingRules', { [row.name]: value });
  const { label } = row;
  switch (row.kind) {
    case 'switch':
      return <Switch label={label} checked={rules[row.name]} onChange={change} />;
    case 'number':
      return (
        <NumberInput
          label={label}
          value={rules[row.name] ?? 0}
          min={row.min}
          max={row.max}
          step={row.step}
          onCommit={change}
        />
      );
    case 'choice':
      return <Segments label={label} value={rules[row.name]} options={row.options} onChange={change} />;
    case 'keep':
      return (
        <Segments
          label={label}
          value={String(rules[row.name] ?? 'engine')}
          options={row.options}
          onChange={(value) => change(value === 'engine' ? null : Number(value))}
        />
      );
    case 'text': {
      const value = rules[row.name];
      return (
        <RuleText
          label={label}
          value={typeof value === 'string' ? value : value.join(', ')}
          placeholder={row.placeholder}
          onCommit={(text) => change(typeof value === 'string' ? text.trim() : listOf(text))}
        />
      );
    }
  }
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
