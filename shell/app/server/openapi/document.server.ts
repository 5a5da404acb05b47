import * as contracts from '@kalla/core';
import { z } from 'zod';
import { operations, ref, type Operation } from './operations.server.ts';

let made: object | undefined;

/** The OpenAPI 3.1 document, made from the zod schemas of the contracts and the list of operations. */
export function openApiDocument(): object {
  made ??= {
    openapi: '3.1.0',
    info: {
      title: 'Kalla',
      version: '1.0.0',
      description:
        'Two sources in, every row accounted for out. Decimals, 64-bit integers, dates and timestamps are strings in JSON, so that no client loses a digit. Every error is application/problem+json with a sentence.',
    },
    servers: [{ url: '/' }],
    paths: pathsOf(operations),
    components: { schemas: componentSchemas() },
  };
  return made;
}

/** Every schema of the contracts that has an id, by that id. */
export function componentSchemas(): Record<string, object> {
  const registry = z.registry<{ id: string }>();
  for (const value of Object.values(contracts)) {
    if (!(value instanceof z.ZodType)) continue;
    const id = z.globalRegistry.get(value)?.id;
    if (id && !registry.has(value)) registry.add(value, { ...z.globalRegistry.get(value), id });
  }
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    unrepresentable: 'any',
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => {
      const { $id: _id, $schema: _schema, id: _own, ...rest } = schema as Record<string, unknown>;
      return [id, rest];
    }),
  );
}

function pathsOf(all: Operation[]): Record<string, Record<string, object>> {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of all) (paths[operation.path] ??= {})[operation.method] = operationOf(operation);
  return paths;
}

function operationOf({ method, path, tag, summary, query = {}, body, answers, problems = [] }: Operation): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'set' ? { enum: ['matched', 'unmatched_left', 'unmatched_right'] } : { type: 'string' },
  }));
  const inQuery = Object.entries(query).map(([name, { description, schema }]) => ({
    name,
    in: 'query',
    description,
    schema,
  }));
  const failures = [...new Set([400, ...problems, 500])].map((status) => [
    String(status),
    { description: 'A sentence that says why.', content: { 'application/problem+json': { schema: ref('Problem') } } },
  ]);
  const fine = Object.entries(answers).map(([status, { description, schema, type = 'application/json', example }]) => [
    status,
    {
      description,
      ...(schema ? { content: { [type]: { schema: schemaOf(schema), ...(example ? { example } : {}) } } } : {}),
    },
  ]);
  return {
    operationId: `${method}${path.replace(/[^A-Za-z0-9]+(\w)/g, (_, letter: string) => letter.toUpperCase()).replace(/\W/g, '')}`,
    tags: [tag],
    summary,
    ...(inPath.length + inQuery.length ? { parameters: [...inPath, ...inQuery] } : {}),
    ...(body
      ? {
          requestBody: {
            required: true,
            content: {
              [body.type ?? 'application/json']: {
                schema: schemaOf(body.schema),
                ...(body.example ? { example: body.example } : {}),
              },
            },
          },
        }
      : {}),
    responses: Object.fromEntries([...fine, ...failures]),
  };
}

function schemaOf(schema: string | object): object {
  return typeof schema === 'string' ? ref(schema) : schema;
}
