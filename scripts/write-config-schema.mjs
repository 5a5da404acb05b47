// Writes dist/config.schema.json of a connector package from the zod `config` of its default export.
// Usage, in a package's build script: node PATH/TO/write-config-schema.mjs FOLDER
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';

/** Keywords that Kalla's forms do not draw; a connector that needs one says it in another way (`oneOf` with `const`). */
const REFUSED = ['allOf', 'anyOf', '$ref', '$dynamicRef'];

const folder = resolve(process.argv[2] ?? '.');
const { default: plugin } = await import(pathToFileURL(resolve(folder, 'dist/index.js')).href);
if (!plugin?.config) throw new Error(`${folder}/dist/index.js has no default export with a "config".`);

const generated = z.toJSONSchema(plugin.config, { io: 'input', target: 'draft-2020-12' });
const { $defs = {}, ...root } = generated;
const schema = inline(root, []);
check(schema, '#');
await writeFile(resolve(folder, 'dist/config.schema.json'), JSON.stringify(schema, null, 2) + '\n');

/** zod moves schemas with an id into $defs; a form wants them in place. */
function inline(node, trail) {
  if (Array.isArray(node)) return node.map((item) => inline(item, trail));
  if (typeof node !== 'object' || node === null) return node;
  if (typeof node.$ref === 'string') {
    const name = node.$ref.replace('#/$defs/', '');
    if (trail.includes(name)) throw new Error(`The config schema refers to itself through "${name}".`);
    if (!$defs[name]) throw new Error(`The config schema refers to "${node.$ref}", which it does not hold.`);
    const { $ref: _ref, ...rest } = node;
    const { id: _id, ...target } = $defs[name];
    return inline({ ...target, ...rest }, [...trail, name]);
  }
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, inline(value, trail)]));
}

function check(node, at) {
  if (Array.isArray(node)) node.forEach((item, index) => check(item, `${at}/${index}`));
  else if (typeof node === 'object' && node !== null) {
    const isPropertyMap = /\/(properties|\$defs)$/.test(at);
    for (const [key, value] of Object.entries(node)) {
      if (!isPropertyMap && REFUSED.includes(key)) throw new Error(`The config schema uses ${key} at ${at}.`);
      check(value, `${at}/${key}`);
    }
  }
}
