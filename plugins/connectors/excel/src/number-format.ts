import type { CellFormat } from './types.ts';

/** Format codes of the ids that are not written down in a workbook (ECMA-376, 18.8.30), and the usual East Asian dates. */
const BUILT_IN: Record<number, string> = {
  0: 'General',
  1: '0',
  2: '0.00',
  3: '#,##0',
  4: '#,##0.00',
  5: '$#,##0',
  6: '$#,##0',
  7: '$#,##0.00',
  8: '$#,##0.00',
  9: '0%',
  10: '0.00%',
  11: '0.00E+00',
  12: '# ?/?',
  13: '# ??/??',
  14: 'm/d/yyyy',
  15: 'd-mmm-yy',
  16: 'd-mmm',
  17: 'mmm-yy',
  18: 'h:mm AM/PM',
  19: 'h:mm:ss AM/PM',
  20: 'h:mm',
  21: 'h:mm:ss',
  22: 'm/d/yy h:mm',
  37: '#,##0',
  38: '#,##0',
  39: '#,##0.00',
  40: '#,##0.00',
  41: '#,##0',
  42: '$#,##0',
  43: '#,##0.00',
  44: '$#,##0.00',
  45: 'mm:ss',
  46: '[h]:mm:ss',
  47: 'mm:ss.0',
  48: '##0.0E+0',
  49: '@',
};

/** Ids whose currency sign depends on the reader's own country, so that it says nothing about the cell. */
const LOCAL_CURRENCY = new Set([5, 6, 7, 8, 42, 44]);

const GENERAL: CellFormat = { kind: 'number', decimals: null, percent: false, currency: '', zeros: 0 };

/** What a built-in number format shows. */
export function builtInFormat(id: number): CellFormat {
  if ((id >= 27 && id <= 31) || id === 36 || (id >= 50 && id <= 54) || id === 57 || id === 58) {
    return { ...GENERAL, kind: 'date' };
  }
  if ((id >= 32 && id <= 35) || id === 55 || id === 56) return { ...GENERAL, kind: 'time' };
  const format = readFormat(BUILT_IN[id] ?? 'General');
  return LOCAL_CURRENCY.has(id) ? { ...format, currency: '' } : format;
}

/**
 * What a number format's code shows, by its first section.
 *
 * @example
 * readFormat('#,##0.00 [$€-407]'); // a number with 2 decimals in €
 * readFormat('dd/mm/yyyy');        // a date
 */
export function readFormat(code: string): CellFormat {
  const section = firstSection(code);
  if (/^\s*general\s*$/i.test(section) || section.trim() === '@') return GENERAL;
  const currency = currencyOf(section);
  const elapsed = /\[(h+|m+|s+)\]/i.test(section);
  // What is left are the characters that stand for digits and parts of dates.
  const bare = section
    .replaceAll(/"[^"]*"?/g, '')
    .replaceAll(/[\\_*]./g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/general/gi, '');
  if (elapsed) return { ...GENERAL, kind: 'duration' };
  const letters = bare.replaceAll(/AM\/PM|A\/P/gi, 'h').replaceAll(/E[+-]/gi, '');
  const time = /[hs]/i.test(letters);
  const date = /[ydegb]/i.test(letters) || (/m/i.test(letters) && !time);
  if (date || time) return { ...GENERAL, kind: date && time ? 'datetime' : date ? 'date' : 'time' };
  const zeros = /^0{2,}$/.test(section.trim()) ? section.trim().length : 0;
  const places = /\.([0#?]*)/.exec(bare)?.[1];
  const scientific = /E[+-]/i.test(bare) || bare.includes('/');
  const decimals = scientific || !/[0#?]/.test(bare) ? null : (places ?? '').length;
  return { kind: 'number', decimals, percent: bare.includes('%'), currency, zeros };
}

function firstSection(code: string): string {
  let quoted = false;
  for (let at = 0; at < code.length; at++) {
    if (code[at] === '"') quoted = !quoted;
    else if (code[at] === '\\' && !quoted) at++;
    else if (code[at] === ';' && !quoted) return code.slice(0, at);
  }
  return code;
}

function currencyOf(section: string): string {
  const bracket = /\[\$([^\]-]*)(?:-[^\]]*)?\]/.exec(section)?.[1];
  if (bracket?.trim()) return bracket.trim();
  const quoted = /"\s*([A-Z]{3}|[€£¥₹$]|kr|zł|Kč|CHF|Fr\.?)\s*"/u.exec(section)?.[1];
  if (quoted) return quoted;
  return /[€£¥₹$]/u.exec(section.replaceAll(/\[[^\]]*\]/g, ''))?.[0] ?? '';
}
