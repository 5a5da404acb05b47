import { useId, type ReactNode } from 'react';
import { HelpText } from './help-text.tsx';
import { messages } from './messages.ts';
import {
  discriminator,
  fieldId,
  fieldKind,
  initialSettings,
  isSettings,
  propertiesOf,
  requiredOf,
  titleOf,
  variantOf,
  withSetting,
  type Settings,
  type SettingsSchema,
} from './schema-model.ts';
import { SecretField } from './secret-field.tsx';

export interface SchemaFieldProps {
  name: string;
  /** Dotted name from the form's root. */
  path: string;
  schema: SettingsSchema;
  /** The object that the field is in, and its value. */
  parent: SettingsSchema;
  parentValue: Settings;
  stored: readonly string[];
  errors: Readonly<Record<string, string>>;
  form: string;
  onChange(value: unknown): void;
}

/** One field of a `SchemaForm`, whatever its kind. */
export function SchemaField(props: SchemaFieldProps) {
  const { name, path, schema, parent, parentValue, stored, errors, form, onChange } = props;
  const kind = fieldKind(schema);
  const value = parentValue[name];
  const title = titleOf(name, schema);
  const required = requiredOf(parent, parentValue).includes(name);
  const error = errors[path];
  const id = fieldId(form, path);
  if (kind === 'hidden') return null;
  if (kind === 'group' || kind === 'variants') return <GroupField {...props} title={title} required={required} />;

  const help = [schema.description, kind === 'lines' && messages.oneEachLine].filter(Boolean).join(' ');
  const isStored = stored.includes(path);
  const about = {
    id,
    'aria-describedby': [`${id}-help`, error && `${id}-error`].filter(Boolean).join(' '),
    'aria-invalid': error ? true : undefined,
    'aria-required': (required && !isStored) || undefined,
  };
  const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
  const control = (): ReactNode => {
    switch (kind) {
      case 'secret':
      case 'long-secret':
        return (
          <SecretField
            {...about}
            title={title}
            value={value === null ? null : text}
            isStored={isStored}
            long={kind === 'long-secret'}
            onChange={onChange}
          />
        );
      case 'choice':
        return (
          <select
            {...about}
            className="k-select"
            value={value === undefined ? '' : String(value)}
            onChange={(event) => onChange(schema.enum?.find((one) => String(one) === event.target.value))}
          >
            {(!required || value === undefined) && schema.default === undefined && (
              <option value="">{required ? messages.chooseValue : messages.notSet}</option>
            )}
            {schema.enum?.map((one) => (
              <option key={String(one)} value={String(one)}>
                {String(one)}
              </option>
            ))}
          </select>
        );
      case 'yes-no':
        return (
          <select
            {...about}
            className="k-select"
            value={typeof value === 'boolean' ? String(value) : ''}
            onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value === 'true')}
          >
            {schema.default === undefined && <option value="">{messages.notSet}</option>}
            <option value="true">{messages.yes}</option>
            <option value="false">{messages.no}</option>
          </select>
        );
      case 'lines':
        return (
          <textarea
            {...about}
            className="k-input k-textarea"
            rows={3}
            spellCheck={false}
            value={Array.isArray(value) ? value.join('\n') : ''}
            onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value.split('\n'))}
            onBlur={() => {
              if (!Array.isArray(value)) return;
              const lines = value.filter((line) => String(line).trim() !== '');
              onChange(lines.length > 0 ? lines : undefined);
            }}
          />
        );
      case 'long-text':
        return (
          <textarea
            {...about}
            className="k-input k-textarea"
            rows={4}
            spellCheck={false}
            value={text}
            onChange={(event) => onChange(event.target.value || undefined)}
          />
        );
      case 'number':
        return (
          <input
            {...about}
            className="k-input k-input-short"
            inputMode="decimal"
            autoComplete="off"
            value={text}
            onChange={(event) => onChange(numberOrText(event.target.value))}
          />
        );
      case 'text':
        return (
          <input
            {...about}
            className="k-input"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            placeholder={typeof schema.examples?.[0] === 'string' ? schema.examples[0] : undefined}
            value={text}
            onChange={(event) => onChange(event.target.value || undefined)}
          />
        );
    }
  };
  return (
    <div className="k-field">
      <label htmlFor={id} className="k-label">
        {title}{' '}
        {!required && schema.default === undefined && <span className="k-soft k-optional">{messages.optional}</span>}
      </label>
      {control()}
      <HelpText id={`${id}-help`} text={help} />
      {error && (
        <p id={`${id}-error`} className="k-field-error">
          {error}
        </p>
      )}
    </div>
  );
}

/** A number where the text is one; else the text itself, which the form then marks as a fault. */
function numberOrText(text: string): number | string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  return /^-?\d{1,15}(\.\d+)?$/.test(trimmed) ? Number(trimmed) : text;
}

/** Fields that belong together, and the choice between variants of them. */
function GroupField({
  path,
  name,
  schema,
  parentValue,
  stored,
  errors,
  form,
  onChange,
  title,
  required,
}: SchemaFieldProps & { title: string; required: boolean }) {
  const radios = useId();
  const inner = parentValue[name];
  const value = isSettings(inner) ? inner : {};
  const switched = discriminator(schema);
  const chosen = isSettings(inner) ? variantOf(schema, value) : null;
  const shown = schema.oneOf ? chosen !== null : true;
  return (
    <fieldset className="k-group" id={fieldId(form, path)} tabIndex={-1}>
      <legend>
        {title} {!required && <span className="k-soft k-optional">{messages.optional}</span>}
      </legend>
      {schema.description && <HelpText text={schema.description} />}
      {errors[path] && <p className="k-field-error">{errors[path]}</p>}
      {schema.oneOf && switched !== null && (
        <div className="k-variants">
          {!required && (
            <label className="k-choice">
              <input type="radio" name={radios} checked={chosen === null} onChange={() => onChange(undefined)} />{' '}
              {messages.notSet}
            </label>
          )}
          {schema.oneOf.map((variant, index) => (
            <label key={index} className="k-choice">
              <input
                type="radio"
                name={radios}
                checked={chosen === variant}
                onChange={() => onChange(initialSettings(variant))}
              />{' '}
              {titleOf(String(variant.properties?.[switched]?.const), variant)}
            </label>
          ))}
          {chosen?.description && <HelpText text={chosen.description} />}
        </div>
      )}
      {shown && (
        <div className="k-form">
          {propertiesOf(schema, value).map(([child, property]) => (
            <SchemaField
              key={child}
              name={child}
              path={`${path}.${child}`}
              schema={property}
              parent={schema}
              parentValue={value}
              stored={stored}
              errors={errors}
              form={form}
              onChange={(next) => {
                const changed = withSetting(value, [child], next);
                onChange(Object.keys(changed).length > 0 ? changed : undefined);
              }}
            />
          ))}
        </div>
      )}
    </fieldset>
  );
}
