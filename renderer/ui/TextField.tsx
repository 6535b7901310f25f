import { Field } from '@base-ui/react/field';
import './fields.css';

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: string | undefined;
  readonly help?: string;
  readonly placeholder?: string;
  readonly mono?: boolean;
  /** dots instead of letters, and nothing for a password manager to keep */
  readonly secret?: boolean;
  readonly name: string;
}

export function TextField(props: TextFieldProps) {
  const { label, value, onChange, error, help, placeholder, mono = false, secret = false, name } = props;
  return (
    <Field.Root className="field" invalid={error !== undefined} name={name}>
      <Field.Label className="field-label">{label}</Field.Label>
      <Field.Control
        className={mono ? 'input input-mono' : 'input'}
        value={value}
        onValueChange={onChange}
        placeholder={placeholder}
        type={secret ? 'password' : 'text'}
        autoComplete={secret ? 'new-password' : 'off'}
        spellCheck={false}
      />
      {error === undefined ? (
        <Field.Description className="field-help">{help ?? ''}</Field.Description>
      ) : (
        <Field.Error className="field-error" match>
          {error}
        </Field.Error>
      )}
    </Field.Root>
  );
}
