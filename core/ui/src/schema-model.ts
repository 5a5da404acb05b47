/**
 * The part of JSON Schema that the settings of a connector are written in: objects, scalars, lists of text, `enum`, and
 * variants as a `oneOf` that a `const` tells apart. There is no `$ref`, `allOf` or `anyOf` in it.
 */
export interface SettingsSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  properties?: Record<string, SettingsSchema>;
  required?: string[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  oneOf?: SettingsSchema[];
  items?: SettingsSchema;
  writeOnly?: boolean;
  readOnly?: boolean;
  format?: string;
  contentMediaType?: string;
  maxLength?: number;
}

export type Settings = Record<string, unknown>;

/** How a field is drawn. `hidden` has no control: what the connector fills in itself, and what no form can ask for. */
export type FieldKind =
  | 'secret'
  | 'long-secret'
  | 'text'
  | 'long-text'
  | 'number'
  | 'choice'
  | 'yes-no'
  | 'lines'
  | 'group'
  | 'variants'
  | 'hidden';

/** Texts that may be longer than this are given a field of several lines. */
const LONG = 2000;

export function fieldKind(schema: SettingsSchema): FieldKind {
  if (schema.readOnly || schema.const !== undefined) return 'hidden';
  if (schema.oneOf) return discriminator(schema) === null ? 'hidden' : 'variants';
  if (schema.enum) return 'choice';
  const long = schema.contentMediaType !== undefined || (schema.maxLength ?? 0) > LONG;
  switch (schema.type) {
    case 'string':
      return schema.writeOnly ? (long ? 'long-secret' : 'secret') : long ? 'long-text' : 'text';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'yes-no';
    case 'array':
      return schema.items?.type === 'string' ? 'lines' : 'hidden';
    case 'object':
      return schema.properties && Object.values(schema.properties).some((one) => fieldKind(one) !== 'hidden')
        ? 'group'
        : 'hidden';
    default:
      return 'hidden';
  }
}

/** The property whose `const` tells the variants apart, or null. */
export function discriminator({ oneOf = [] }: SettingsSchema): string | null {
  const [first] = oneOf;
  const names = Object.keys(first?.properties ?? {});
  return names.find((name) => oneOf.every((one) => one.properties?.[name]?.const !== undefined)) ?? null;
}

/** The variant that a value is of; the first where it is of none. */
export function variantOf(schema: SettingsSchema, value: Settings): SettingsSchema {
  const name = discriminator(schema) ?? '';
  const found = schema.oneOf?.find((one) => one.properties?.[name]?.const === value[name]);
  return found ?? schema.oneOf?.[0] ?? {};
}

/** The properties that a value of this schema has: its own, and those of the variant that it is of. */
export function propertiesOf(schema: SettingsSchema, value: Settings): [string, SettingsSchema][] {
  const variant = schema.oneOf ? variantOf(schema, value) : {};
  return Object.entries({ ...schema.properties, ...variant.properties });
}

/** Names of the properties that have to be given. */
export function requiredOf(schema: SettingsSchema, value: Settings): string[] {
  return [...(schema.required ?? []), ...(schema.oneOf ? (variantOf(schema, value).required ?? []) : [])];
}

/** What a form begins with: the defaults, the first variant of each choice that has to be made. */
export function initialSettings(schema: SettingsSchema): Settings {
  const required = requiredOf(schema, {});
  return Object.fromEntries(
    propertiesOf(schema, {}).flatMap(([name, property]): [string, unknown][] => {
      if (property.const !== undefined) return [[name, property.const]];
      if (property.default !== undefined) return [[name, property.default]];
      const nested = property.oneOf !== undefined || property.properties !== undefined;
      return nested && required.includes(name) ? [[name, initialSettings(property)]] : [];
    }),
  );
}

export function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * What is sent: without empty fields and without those of a variant that is not chosen. A stored secret that the chosen
 * variant has no place for is taken away with a `null`; one that is merely left empty is absent and stays.
 *
 * @param stored dotted names of the secrets that are stored
 */
export function settingsToSend(schema: SettingsSchema, value: Settings, stored: readonly string[] = []): Settings {
  const sent: Settings = {};
  const places = propertiesOf(schema, value);
  for (const [name, property] of places) {
    const given = value[name];
    if (given === undefined || given === '') {
      // A group that is no longer set takes what is stored in it along; a secret that is merely empty stays.
      if (below(stored, name).length > 0) sent[name] = null;
      continue;
    }
    if (isSettings(given) && (property.properties ?? property.oneOf)) {
      const inner = settingsToSend(property, given, below(stored, name));
      if (Object.keys(inner).length > 0) sent[name] = inner;
    } else if (!Array.isArray(given) || given.length > 0) sent[name] = given;
  }
  for (const secret of stored) {
    const name = secret.split('.')[0] ?? '';
    if (!places.some(([place]) => place === name)) sent[name] = null;
  }
  return sent;
}

function below(stored: readonly string[], name: string): string[] {
  return stored.filter((path) => path.startsWith(`${name}.`)).map((path) => path.slice(name.length + 1));
}

/** A fault in what was filled in, which is known without asking the server. */
export type FieldFault = 'missing' | 'not-a-number';

/** Faults by dotted name. A stored secret is not missing. */
export function faultsOf(
  schema: SettingsSchema,
  value: Settings,
  stored: readonly string[] = [],
  path = '',
): Record<string, FieldFault> {
  const required = requiredOf(schema, value);
  const found: Record<string, FieldFault> = {};
  for (const [name, property] of propertiesOf(schema, value)) {
    const at = path + name;
    const given = value[name];
    const kind = fieldKind(property);
    if (isSettings(given) && (kind === 'group' || kind === 'variants')) {
      Object.assign(found, faultsOf(property, given, stored, `${at}.`));
    } else if (kind === 'number' && typeof given === 'string' && given !== '') found[at] = 'not-a-number';
    else if (kind !== 'hidden' && required.includes(name) && (given === undefined || given === '' || given === null)) {
      if (given === null || !stored.includes(at)) found[at] = 'missing';
    }
  }
  return found;
}

/** The same settings with one of them changed; `undefined` takes it out. */
export function withSetting(value: Settings, path: readonly string[], next: unknown): Settings {
  const [name = '', ...rest] = path;
  if (rest.length > 0) {
    const inner = value[name];
    return { ...value, [name]: withSetting(isSettings(inner) ? inner : {}, rest, next) };
  }
  const changed = { ...value };
  if (next === undefined) delete changed[name];
  else changed[name] = next;
  return changed;
}

/**
 * Parts the fields of a form into those that are shown at once and those for the few who need them: what comes after the
 * last field that has to be filled in or is a secret.
 */
export function mainAndMore(
  schema: SettingsSchema,
  value: Settings,
): { main: [string, SettingsSchema][]; more: [string, SettingsSchema][] } {
  const fields = propertiesOf(schema, value).filter(([, property]) => fieldKind(property) !== 'hidden');
  const required = requiredOf(schema, value);
  const last = fields.findLastIndex(
    ([name, property]) => required.includes(name) || property.writeOnly || property.oneOf !== undefined,
  );
  const more = fields.slice(last + 1);
  return more.length > 1 ? { main: fields.slice(0, last + 1), more } : { main: fields, more: [] };
}

/** A field's name for people. */
export function titleOf(name: string, schema: SettingsSchema): string {
  return schema.title ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ');
}

/** The id of a field's control in a form, to bring the focus to it. */
export function fieldId(form: string, path: string): string {
  return `${form}-${path.replaceAll('.', '-')}`;
}
