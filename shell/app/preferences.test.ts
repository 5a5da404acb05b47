import { describe, expect, it } from 'vitest';
import { localeOf, themeOf } from './preferences.ts';

describe('localeOf', () => {
  it('takes the first language that is known', () => {
    expect(localeOf('de-CH,de;q=0.9,en;q=0.8')).toBe('de-CH');
    expect(localeOf('*, fr')).toBe('fr');
    expect(localeOf('not_a_tag!,it')).toBe('it');
    expect(localeOf(null)).toBe('en-GB');
    expect(localeOf('')).toBe('en-GB');
  });
});

describe('themeOf', () => {
  it('reads the cookie among others and ignores other values', () => {
    expect(themeOf('a=1; kalla_theme=dark; b=2')).toBe('dark');
    expect(themeOf('kalla_theme=light')).toBe('light');
    expect(themeOf('kalla_theme=blue')).toBeNull();
    expect(themeOf('xkalla_theme=dark')).toBeNull();
    expect(themeOf(null)).toBeNull();
  });
});
