import { describe, expect, it } from 'vitest';
import { typeInWords } from './type-in-words.ts';

describe('typeInWords', () => {
  it('says each type as a person reads it', () => {
    expect(typeInWords('decimal(12,2)')).toBe('money, 2 decimals');
    expect(typeInWords('decimal(38,6)')).toBe('number, 6 decimals');
    expect(typeInWords('decimal(9,1)')).toBe('number, 1 decimal');
    expect(typeInWords('decimal(20,0)')).toBe('whole number');
    expect(typeInWords('uint16')).toBe('whole number');
    expect(typeInWords('date')).toBe('date');
    expect(typeInWords('text')).toBe('text');
  });
  it('leaves no type of Kalla in the words of a machine', () => {
    const types = ['boolean', 'float32', 'float64', 'binary', 'time', 'timestamp', 'timestamptz', 'uuid'];
    for (const type of types) expect(typeInWords(type)).not.toMatch(/boolean|float|binary|timestamp|uuid$/);
  });
});
