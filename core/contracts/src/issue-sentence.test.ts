import { expect, test } from 'vitest';
import { z } from 'zod';
import { issueSentence } from './issue-sentence.ts';

const said = (schema: z.ZodType, value: unknown) => schema.safeParse(value).error?.issues.map(issueSentence);

test.each<[z.ZodType, unknown, string]>([
  [z.object({ a: z.string() }), {}, 'This is missing (string).'],
  [z.string(), 1, 'This has to be a text.'],
  [z.object({}), null, 'This has to be an object with fields.'],
  [z.coerce.number(), 'x', 'This has to be a number.'],
  [z.number().int(), 1.5, 'This has to be a whole number.'],
  [z.number().min(1), 0, 'This has to be at least 1.'],
  [z.number().max(500), 501, 'This has to be at most 500.'],
  [z.string().length(1), 'ab', 'This has to have exactly 1 character.'],
  [z.string().min(1), '', 'This has to have at least 1 character.'],
  [z.array(z.string()).min(1), [], 'This has to have at least 1 entry.'],
  [z.enum(['csv', 'xlsx']), 'pdf', 'This has to be one of "csv", "xlsx".'],
  [z.literal('reach'), 'x', 'This has to be "reach".'],
  [z.strictObject({}), { nope: 1 }, 'There is no setting "nope" here.'],
  [z.string().regex(/a/, 'Write an a.'), 'b', 'Write an a.'],
])('case %#: %s', (schema, value, sentence) => {
  expect(said(schema, value)).toEqual([sentence]);
});
