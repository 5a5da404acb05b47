import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatBytes,
  formatCell,
  formatCount,
  formatDateTime,
  formatDay,
  formatDecimal,
  formatDuration,
  formatPercent,
  formatShare,
  isNegative,
  subtractDecimals,
} from './format.ts';

const decimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }), fc.integer({ min: 0, max: 20 }))
  .map(([units, scale]) => {
    const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
    const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
    return (units < 0n ? '-' : '') + text;
  });

describe('formatDecimal', () => {
  it('keeps every digit of any decimal', () => {
    fc.assert(
      fc.property(decimal, (value) => {
        const written = formatDecimal(value, 'en-US').replaceAll(',', '');
        expect(value.startsWith(written)).toBe(true);
        expect(value.slice(written.length)).toMatch(/^0*$/);
        expect(written === value || value.split('.')[1]!.length > 6).toBe(true);
      }),
    );
  });
  it('leaves out the zeros that only the type has', () => {
    expect(formatDecimal('125025.000000000', 'en')).toBe('125,025.00');
    expect(formatDecimal('-0.125000000', 'en')).toBe('-0.125');
    expect(formatDecimal('1.500000', 'en')).toBe('1.500000');
  });
  it('writes as the locale does', () => {
    expect(formatDecimal('1234567.50', 'en-US')).toBe('1,234,567.50');
    expect(formatDecimal('1234567.50', 'de-DE')).toBe('1.234.567,50');
    expect(formatDecimal('-0.10', 'en-US')).toBe('-0.10');
  });
  it('leaves alone what is not a decimal', () => {
    for (const text of ['', 'NaN', '1e5', '12,5', '1.', 'abc']) expect(formatDecimal(text, 'en')).toBe(text);
  });
});

describe('formatCell', () => {
  it('groups amounts and leaves references as written', () => {
    expect(formatCell('-1204.50', 'decimal(12,2)', 'en')).toEqual({
      text: '-1,204.50',
      exact: '-1204.50',
      negative: true,
    });
    expect(formatCell(20260131, 'int32', 'en').text).toBe('20260131');
    expect(formatCell('-5', 'text', 'en').negative).toBe(false);
    expect(formatCell(null, 'text', 'en').text).toBe('');
  });
});

describe('formatDay', () => {
  it('writes days as the locale does, and times to their last digit', () => {
    expect(formatDay('2026-01-31', 'en-GB')).toBe('31 Jan 2026');
    expect(formatDay('2026-01-31', 'de')).toBe('31.01.2026');
    expect(formatDay('2026-01-31T08:00:00.000000', 'en-GB')).toBe('31 Jan 2026, 08:00:00');
    expect(formatDay('2026-01-31T08:00:00.000001Z', 'en-GB')).toBe('31 Jan 2026, 08:00:00.000001 UTC');
    expect(formatDay('2026-01-31T08:00:00.120000Z', 'en-GB')).toBe('31 Jan 2026, 08:00:00.12 UTC');
    expect(formatCell('2026-01-31', 'date', 'en-GB')).toEqual({
      text: '31 Jan 2026',
      exact: '2026-01-31',
      negative: false,
    });
    expect(formatCell('2026-01-31', 'text', 'en-GB').text).toBe('2026-01-31');
  });
  it('leaves alone what is no day of four digits', () => {
    for (const text of ['', 'infinity', '12026-01-31', '2026-02-30', '2026-13-01', '0044-03-15']) {
      expect(formatDay(text, 'en')).toBe(text);
    }
  });
});

describe('formatShare', () => {
  it('never says all or nothing of what is not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5_000_000 }), fc.nat(), (whole, seed) => {
        const part = 1 + (seed % (whole - 1));
        expect(formatShare(part, whole, 'en')).not.toMatch(/^(0%|100%)$/);
      }),
    );
    expect(formatShare(1, 100_000, 'en')).toBe('<0.1%');
    expect(formatShare(5, 5, 'en')).toBe('100%');
    expect(formatShare(0, 0, 'en')).toBe('0%');
  });
});

describe('formatPercent', () => {
  it('says whole per cents, and 100 of nothing that still goes on', () => {
    const said = (share: number) => formatPercent(share, 'en');
    expect([0, 0.004, 0.29, 0.57, 0.999, 1].map(said)).toEqual(['0%', '0%', '29%', '57%', '99%', '100%']);
  });
});

describe('subtractDecimals', () => {
  it('undoes itself', () => {
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const difference = subtractDecimals(a, b);
        const back = subtractDecimals(a, difference ?? '');
        expect(subtractDecimals(back ?? '', b)).toMatch(/^0(\.0*)?$/);
      }),
    );
    expect(subtractDecimals('10.00', '0.1')).toBe('9.90');
    expect(subtractDecimals('0.1', '0.25')).toBe('-0.15');
    expect(subtractDecimals('x', '1')).toBeNull();
  });
});

describe('other formats', () => {
  it('writes counts, sizes, times', () => {
    expect(formatCount(5_000_000, 'en')).toBe('5,000,000');
    expect(formatBytes(0, 'en')).toBe('0 B');
    expect(formatBytes(1536, 'en')).toBe('1.5 KiB');
    expect(formatBytes(5 * 1024 ** 3, 'en')).toBe('5 GiB');
    expect(formatDuration(440, 'en')).toBe('0.4 s');
    expect(formatDuration(59_700, 'en')).toBe('1 min');
    expect(formatDuration(185_000, 'en')).toBe('3 min 5 s');
    expect(formatDuration(7_800_000, 'en')).toBe('2 h 10 min');
    expect(formatDateTime('2026-01-31T08:00:00Z', 'en-GB', 'UTC')).toMatch(/31 Jan 2026.*08:00/);
    expect(formatDateTime('soon', 'en', 'UTC')).toBe('soon');
  });
  it('knows a negative amount', () => {
    expect(isNegative('-0.00')).toBe(false);
    expect(isNegative('-0.01')).toBe(true);
    expect(isNegative('10')).toBe(false);
  });
});
