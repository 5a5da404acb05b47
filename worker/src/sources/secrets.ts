import { isDeepStrictEqual } from 'node:util';
import { publicUri } from '@kalla/core';

type Json = Record<string, unknown>;

/**
 * Parts a configuration by its JSON Schema: fields with `writeOnly: true`, at any depth and in any variant of a `oneOf`, are
 * secrets. Both halves keep the shape, so that merging them gives the configuration again.
 *
 * A field that the schema does not know counts as a secret: what cannot be judged must not be shown. An address that carries
 * a password or a signature is shown without it, and is kept whole among the secrets.
 */
export function splitSecrets(config: unknown, schema: Json): { shown: Json; secrets: Json } {
  if (!isObject(config)) return { shown: {}, secrets: {} };
  const shown: Json = {};
  const secrets: Json = {};
  const properties = propertiesOf(schema);
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined) continue;
    const about = properties.get(name) ?? fallbackOf(schema);
    if (about.length === 0 || about.some((one) => one.writeOnly === true)) {
      secrets[name] = value;
    } else if (isObject(value) && about.some((one) => propertiesOf(one).size > 0)) {
      const inner = splitSecrets(value, { oneOf: about });
      shown[name] = inner.shown;
      if (Object.keys(inner.secrets).length > 0) secrets[name] = inner.secrets;
    } else {
      shown[name] = withoutPasswords(value);
      if (!isDeepStrictEqual(shown[name], value)) secrets[name] = value;
    }
  }
  return { shown, secrets };
}

function withoutPasswords(value: unknown): unknown {
  if (typeof value === 'string') return publicUri(value);
  if (Array.isArray(value)) return value.map(withoutPasswords);
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutPasswords(one)]));
  return value;
}

/** Every schema that a property has, in the schema itself and in its variants. */
function propertiesOf(schema: Json): Map<string, Json[]> {
  const found = new Map<string, Json[]>();
  const visit = (one: Json) => {
    for (const [name, about] of Object.entries(isObject(one.properties) ? one.properties : {})) {
      if (isObject(about)) found.set(name, [...(found.get(name) ?? []), about]);
    }
    for (const word of ['oneOf', 'anyOf', 'allOf']) {
      const variants = one[word];
      if (Array.isArray(variants)) variants.filter(isObject).forEach(visit);
    }
  };
  visit(schema);
  return found;
}

/** The schema of a property without a name of its own, as in a record of column types. */
function fallbackOf(schema: Json): Json[] {
  return isObject(schema.additionalProperties) ? [schema.additionalProperties] : [];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
