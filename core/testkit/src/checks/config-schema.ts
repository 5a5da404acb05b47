import { z } from 'zod';
import { must, type ConnectorCheck } from '../check.ts';

/** What the form that is made of the schema cannot draw. */
const REFUSED = ['allOf', 'anyOf', '$ref', '$dynamicRef'];

/** The JSON Schema of the configuration is one that the form, the API and the documentation can be made of. */
export const configSchemaCheck: ConnectorCheck = {
  title: 'has a config schema that a form can be made of, with secrets that are write-only',
  async run({ plugin, config, secrets }) {
    must(plugin.apiVersion === 1, `apiVersion is ${plugin.apiVersion}; this kit knows 1.`);
    const parsed = plugin.config.safeParse(config);
    must(parsed.success, `The working configuration does not pass the schema: ${parsed.error?.message}`);
    must(!plugin.config.safeParse({}).success, 'An empty configuration passes the schema: nothing is required.');
    const schema = inline(z.toJSONSchema(plugin.config, { io: 'input' })) as Schema;
    visit(schema, '#');
    for (const secret of secrets) {
      const at = fieldsOf(config, secret);
      must(at.length > 0, 'A secret of the subject is not in its configuration, so nothing is proved.');
      for (const trail of at) {
        const field = schemaAt(schema, trail);
        must(field?.writeOnly === true, `The config field "${trail.join('.')}" holds a secret and is not "writeOnly".`);
      }
    }
  },
};

interface Schema {
  [key: string]: unknown;
  writeOnly?: boolean;
  readOnly?: boolean;
  properties?: Record<string, Schema>;
  oneOf?: Schema[];
  items?: Schema;
  title?: string;
}

/** zod puts schemas with an id into `$defs`; the build of a connector writes them in place, and so does this. */
function inline(root: object): unknown {
  const { $defs = {}, ...rest } = root as { $defs?: Record<string, object> };
  const walk = (node: unknown, depth: number): unknown => {
    if (Array.isArray(node)) return node.map((item) => walk(item, depth));
    if (typeof node !== 'object' || node === null) return node;
    const { $ref, ...own } = node as { $ref?: string };
    const target = $ref === undefined ? undefined : $defs[$ref.replace('#/$defs/', '')];
    must($ref === undefined || (target !== undefined && depth < 20), `The schema refers to itself by "${$ref}".`);
    const merged = { ...(target ?? {}), ...own };
    return Object.fromEntries(
      Object.entries(merged).map(([key, value]) => [key, walk(value, depth + (target ? 1 : 0))]),
    );
  };
  return walk(rest, 0);
}

function visit(node: unknown, at: string): void {
  if (Array.isArray(node)) node.forEach((item, index) => visit(item, `${at}/${index}`));
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
  // What Kalla fills in itself is not drawn.
  if ((node as Schema).readOnly === true) return;
  const names = /\/properties$/.test(at);
  for (const [key, value] of Object.entries(node)) {
    must(names || !REFUSED.includes(key), `The schema uses ${key} at ${at}, which no form of ours draws.`);
    if (names)
      must(typeof (value as Schema).title === 'string' || 'const' in (value as Schema), `${at}/${key} has no title.`);
    if (key === 'oneOf' && !names) {
      for (const variant of value as Schema[]) {
        const tags = Object.values(variant.properties ?? {}).filter((property) => 'const' in property);
        must(tags.length > 0, `A variant of ${at}/oneOf has no "const" that tells it from the others.`);
      }
    }
    visit(value, `${at}/${key}`);
  }
}

/** Where in the configuration a value stands. */
function fieldsOf(node: unknown, value: string, trail: string[] = []): string[][] {
  if (node === value) return [trail];
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, child]) => fieldsOf(child, value, [...trail, key]));
}

function schemaAt(schema: Schema | undefined, trail: readonly string[]): Schema | undefined {
  const [key, ...rest] = trail;
  if (!schema || key === undefined) return schema;
  const next =
    schema.properties?.[key] ??
    schema.oneOf?.map((variant) => variant.properties?.[key]).find((found) => found) ??
    (/^\d+$/.test(key) ? schema.items : undefined);
  return schemaAt(next, rest);
}
