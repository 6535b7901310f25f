import { useEffect, useState } from 'react';
import '../../../ui/fields.css';

export interface RuleTextProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  /** called once the text is settled: on Enter and on leaving */
  readonly onCommit: (text: string) => void;
}

export function RuleText({ label, value, placeholder, onCommit }: RuleTextProps) {
  const [shown, setShown] = useState(value);
  useEffect(() => setShown(value), [value]);
  const commit = () => shown !== value && onCommit(shown);
  return (
    <input
      className="input rule-text"
      aria-label={label}
      value={shown}
      placeholder={placeholder}
      spellCheck={false}
      onChange={(event) => setShown(event.target.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  );
}
