import { NumberField } from '@base-ui/react/number-field';
import { useEffect, useState } from 'react';
import './fields.css';

export interface NumberInputProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** called once the number is settled, not for every key */
  readonly onCommit: (value: number) => void;
}

export function NumberInput({ label, value, min, max, step, onCommit }: NumberInputProps) {
  const [shown, setShown] = useState<number | null>(value);
  useEffect(() => setShown(value), [value]);
  return (
    <NumberField.Root
      className="number"
      value={shown}
      onValueChange={setShown}
      onValueCommitted={(settled) => {
        if (settled === null) setShown(value);
        else if (settled !== value) onCommit(settled);
      }}
      min={min}
      max={max}
      step={step}
      largeStep={step * 10}
      locale="en-US"
    >
      <NumberField.Group className="number-group">
        <NumberField.Decrement className="number-step" aria-label={`Less: ${label}`}>
          −
        </NumberField.Decrement>
        <NumberField.Input className="number-input" aria-label={label} />
        <NumberField.Increment className="number-step" aria-label={`More: ${label}`}>
          +
        </NumberField.Increment>
      </NumberField.Group>
    </NumberField.Root>
  );
}
