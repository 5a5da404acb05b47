import type { z } from 'zod';

/**
 * What a fault that a schema found means to the person whose input it is. Sentences that our schemas bring along stay;
 * zod's own speak of types and of NaN.
 *
 * @example
 * issueSentence({ code: 'too_small', origin: 'number', minimum: 1, … }) === 'This has to be at least 1.'
 */
export function issueSentence(issue: z.core.$ZodIssue): string {
  if (!/^(Invalid|Too|Unrecognized)\b/.test(issue.message)) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      if (issue.message.endsWith('received undefined')) return `This is missing (${issue.expected}).`;
      return `This has to be ${NOUNS[issue.expected] ?? issue.expected}.`;
    case 'too_small':
      return `This has to ${sizeOf(issue.origin, 'at least', issue.minimum)}.`;
    case 'too_big':
      return `This has to ${sizeOf(issue.origin, issue.exact ? 'exactly' : 'at most', issue.maximum)}.`;
    case 'invalid_value':
      return issue.values.length === 1
        ? `This has to be ${JSON.stringify(issue.values[0])}.`
        : `This has to be one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}.`;
    case 'unrecognized_keys':
      return `There is no setting ${issue.keys.map((key) => `"${key}"`).join(', ')} here.`;
    case 'invalid_format':
      return issue.format === 'regex' ? issue.message : `This has to be written as ${issue.format}.`;
    case 'invalid_union':
      return 'This is none of the forms that are understood here.';
    default:
      return issue.message;
  }
}

const NOUNS: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object with fields',
  record: 'an object with fields',
};

function sizeOf(origin: string, bound: string, size: number | bigint): string {
  const one = Number(size) === 1;
  if (origin === 'string') return `have ${bound} ${size} ${one ? 'character' : 'characters'}`;
  if (origin === 'array' || origin === 'set') return `have ${bound} ${size} ${one ? 'entry' : 'entries'}`;
  return `be ${bound} ${size}`;
}
