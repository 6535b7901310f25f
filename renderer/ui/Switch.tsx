import { Switch as BaseSwitch } from '@base-ui/react/switch';
import './switch.css';

export interface SwitchProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  /** what is switched, for who cannot see the text beside it */
  readonly label: string;
  readonly describedBy?: string;
  readonly big?: boolean;
  readonly disabled?: boolean;
}

export function Switch({ checked, onChange, label, describedBy, big = false, disabled = false }: SwitchProps) {
  return (
    <BaseSwitch.Root
      className={big ? 'switch switch-big' : 'switch'}
      checked={checked}
      onCheckedChange={onChange}
      disabled={disabled}
      aria-label={label}
      aria-describedby={describedBy}
    >
      <BaseSwitch.Thumb className="switch-thumb" />
    </BaseSwitch.Root>
  );
}
