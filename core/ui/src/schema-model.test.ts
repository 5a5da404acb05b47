import { describe, expect, it } from 'vitest';
import {
  discriminator,
  faultsOf,
  fieldKind,
  initialSettings,
  mainAndMore,
  requiredOf,
  settingsToSend,
  variantOf,
  withSetting,
  type SettingsSchema,
} from './schema-model.ts';

const password: SettingsSchema = {
  title: 'By password',
  type: 'object',
  properties: {
    kind: { type: 'string', const: 'password' },
    user: { type: 'string' },
    password: { type: 'string', writeOnly: true },
  },
  required: ['kind', 'user', 'password'],
};
const key: SettingsSchema = {
  type: 'object',
  properties: {
    kind: { type: 'string', const: 'key' },
    key: { type: 'string', writeOnly: true, contentMediaType: 'application/json' },
  },
  required: ['kind', 'key'],
};
const schema: SettingsSchema = {
  type: 'object',
  properties: {
    host: { type: 'string', title: 'Server' },
    port: { type: 'integer', default: 5432 },
    auth: { oneOf: [password, key] },
    schema: { type: 'string' },
    lines: { type: 'array', items: { type: 'string' } },
    pinned: { type: 'object', readOnly: true, properties: { x: { type: 'string' } } },
  },
  required: ['host', 'auth'],
};

describe('the model of a settings form', () => {
  it('knows how each field is drawn', () => {
    expect(fieldKind({ type: 'string' })).toBe('text');
    expect(fieldKind({ type: 'string', maxLength: 100_000 })).toBe('long-text');
    expect(fieldKind({ type: 'string', writeOnly: true })).toBe('secret');
    expect(fieldKind(key.properties!.key!)).toBe('long-secret');
    expect(fieldKind({ type: 'string', enum: ['a'] })).toBe('choice');
    expect(fieldKind({ type: 'integer' })).toBe('number');
    expect(fieldKind({ type: 'boolean' })).toBe('yes-no');
    expect(fieldKind({ type: 'array', items: { type: 'string' } })).toBe('lines');
    expect(fieldKind({ type: 'array', items: { type: 'object' } })).toBe('hidden');
    expect(fieldKind({ type: 'object', additionalProperties: {} } as SettingsSchema)).toBe('hidden');
    expect(fieldKind(schema.properties!.pinned!)).toBe('hidden');
    expect(fieldKind({ oneOf: [password, key] })).toBe('variants');
    expect(fieldKind({ oneOf: [{ type: 'string' }, { type: 'number' }] })).toBe('hidden');
    expect(discriminator({ oneOf: [password, key] })).toBe('kind');
  });

  it('begins with defaults and with the first variant of a choice that has to be made', () => {
    expect(initialSettings(schema)).toEqual({ port: 5432, auth: { kind: 'password' } });
    expect(initialSettings({ ...schema, required: ['host'] })).toEqual({ port: 5432 });
  });

  it('sends neither what is empty nor what belongs to another variant', () => {
    const value = { host: 'db', port: 1, schema: '', lines: [], auth: { kind: 'key', key: 'k', user: 'left over' } };
    expect(settingsToSend(schema, value)).toEqual({ host: 'db', port: 1, auth: { kind: 'key', key: 'k' } });
  });

  it('keeps a stored secret by leaving it out, and takes away one whose variant is no longer chosen', () => {
    const stored = ['auth.password'];
    const same = { host: 'db', auth: { kind: 'password', user: 'ada' } };
    expect(settingsToSend(schema, same, stored)).toEqual(same);
    const other = { host: 'db', auth: { kind: 'key', key: 'k' } };
    expect(settingsToSend(schema, other, stored)).toEqual({
      ...other,
      auth: { kind: 'key', key: 'k', password: null },
    });
    const taken = { host: 'db', auth: { kind: 'password', user: 'ada', password: null } };
    expect(settingsToSend(schema, taken, stored)).toEqual(taken);
    expect(settingsToSend(schema, { host: 'db' }, stored)).toEqual({ host: 'db', auth: null });
    expect(settingsToSend(password, { kind: 'password', user: 'ada' }, ['password'])).toEqual({
      kind: 'password',
      user: 'ada',
    });
  });

  it('names what is missing, also inside the chosen variant, and does not miss a stored secret', () => {
    expect(faultsOf(schema, { auth: { kind: 'password' } })).toEqual({
      host: 'missing',
      'auth.user': 'missing',
      'auth.password': 'missing',
    });
    const given = { host: 'db', port: '12x', auth: { kind: 'password', user: 'ada' } };
    expect(faultsOf(schema, given, ['auth.password'])).toEqual({ port: 'not-a-number' });
  });

  it('shows at once what comes up to the last field that is needed', () => {
    const { main, more } = mainAndMore(schema, {});
    expect(main.map(([name]) => name)).toEqual(['host', 'port', 'auth']);
    expect(more.map(([name]) => name)).toEqual(['schema', 'lines']);
  });

  it('takes a schema that is a choice at its root', () => {
    const root: SettingsSchema = { oneOf: [password, key] };
    expect(variantOf(root, { kind: 'key' })).toBe(key);
    expect(requiredOf(root, { kind: 'key' })).toEqual(['kind', 'key']);
    expect(settingsToSend(root, { kind: 'key', key: 'k', user: 'x' })).toEqual({ kind: 'key', key: 'k' });
  });

  it('changes one setting and leaves the rest as it is', () => {
    const before = { a: 1, b: { c: 2, d: 3 } };
    expect(withSetting(before, ['b', 'c'], 9)).toEqual({ a: 1, b: { c: 9, d: 3 } });
    expect(withSetting(before, ['a'], undefined)).toEqual({ b: { c: 2, d: 3 } });
    expect(before).toEqual({ a: 1, b: { c: 2, d: 3 } });
  });
});
