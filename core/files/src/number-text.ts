import { quoteLiteral } from '@kalla/core';

/**
 * The written forms of numbers, as regular expressions (RE2) and SQL over a text column.
 *
 * `1234.56` `1,234.56` `1.234,56` `1 234,56` `1'234.56` `1,23,456.78` `(12.00)` `12.00-` `-12.00` `+12.00` `€ 12.00`
 * `12.00 EUR` `12.00 DR`. Leading zeros are no number: `0042` is a name.
 */
const CODES =
  'AED|AFN|ALL|AMD|ANG|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BGN|BHD|BIF|BMD|BND|BOB|BRL|BSD|BTN|BWP|BYN|BZD|CAD|CDF|CHF|CLP|CNY|COP|CRC|CUP|CVE|CZK|DJF|DKK|DOP|DZD|EGP|ERN|ETB|EUR|FJD|FKP|GBP|GEL|GHS|GIP|GMD|GNF|GTQ|GYD|HKD|HNL|HTG|HUF|IDR|ILS|INR|IQD|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|KWD|KYD|KZT|LAK|LBP|LKR|LRD|LSL|LYD|MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|MUR|MVR|MWK|MXN|MYR|MZN|NAD|NGN|NIO|NOK|NPR|NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|PYG|QAR|RON|RSD|RUB|RWF|SAR|SBD|SCR|SDG|SEK|SGD|SHP|SLE|SOS|SRD|SSP|STN|SVC|SYP|SZL|THB|TJS|TMT|TND|TOP|TRY|TTD|TWD|TZS|UAH|UGX|USD|UYU|UZS|VES|VND|VUV|WST|XAF|XCD|XDR|XOF|XPF|YER|ZAR|ZMW|ZWL';
const KNOWN = new Set(CODES.split('|'));
const SIGNS = '(?:US|AU?|CA?|NZ|HK|SG|R)?\\$|[€£¥₹₽₩₪₺₫₱₴₦฿₿]';
/** Any sign, and any three capitals: whether those are a currency is asked once per column, not once per cell. */
const ANY_CURRENCY = `(?:${SIGNS}|[A-Z]{3}|kr|zł|Kč)`;
const BLANK = '[ \\x{a0}\\x{202f}\\x{2009}]';
const MINUS = '[-\\x{2212}]';

function magnitude(decimal: '.' | ',', scale: number | null): string {
  const group = decimal === '.' ? ',' : '[.]';
  const whole = [
    '0',
    '[1-9][0-9]*',
    `[1-9][0-9]{0,2}(?:${group}[0-9]{3})+`,
    `[1-9][0-9]{0,2}(?:${BLANK}[0-9]{3})+`,
    `[1-9][0-9]{0,2}(?:['’][0-9]{3})+`,
    ...(decimal === '.' ? ['[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}'] : []),
  ].join('|');
  // Beyond the column's scale only zeros may follow: they change no value.
  const fraction = scale === null ? '[0-9]+' : scale === 0 ? '0+' : `(?:[0-9]{1,${scale}}|[0-9]{${scale}}0+)`;
  const point = decimal === '.' ? '[.]' : ',';
  return `(?:(?:${whole})(?:${point}${fraction})?|${point}${fraction})`;
}

/**
 * Which currency a pattern takes: this sign or code, '' for none, null for any.
 */
export type CurrencyChoice = string | null;

/** The pattern of a whole cell. `scale` null allows any number of decimals. */
export function numberPattern(decimal: '.' | ',', scale: number | null, currency: CurrencyChoice): string {
  const number = magnitude(decimal, scale);
  const sign = `(?:[+]|${MINUS})`;
  if (currency === '') {
    const forms = [
      `(?:${sign}${BLANK}?)?${number}`,
      `${number}${BLANK}?${sign}`,
      `\\(${BLANK}?${number}${BLANK}?\\)`,
      `${number}${BLANK}?(?i:CR|DR)`,
    ];
    return `^\\s*(?:${forms.join('|')})\\s*$`;
  }
  const one = currency === null ? ANY_CURRENCY : `(?:${currency.replaceAll(/[$.]/g, '[$&]')})`;
  const before = `(?:${one}${BLANK}?)?`;
  const after = `(?:${BLANK}?${one})?`;
  const forms = [
    `(?:${sign}${BLANK}?)?${before}${number}${after}`,
    `${one}${BLANK}?${sign}${BLANK}?${number}`,
    `${before}${number}${BLANK}?${sign}${after}`,
    `${before}${number}${after}${BLANK}?${sign}`,
    `${before}\\(${BLANK}?${before}${number}${after}${BLANK}?\\)${after}`,
    `${before}${number}${after}${BLANK}?(?i:CR|DR)`,
  ];
  return `^\\s*(?:${forms.join('|')})\\s*$`;
}

/** True for what is a currency and not three other capitals, as in "INV 123". */
export function isCurrency(text: string): boolean {
  return !/^[A-Z]{3}$/.test(text) || KNOWN.has(text);
}

/** True or false per cell: it is a number in one of the forms. */
export function isNumberSql(cell: string, decimal: '.' | ',', scale: number | null, currency: CurrencyChoice): string {
  const matches = `regexp_matches(${cell}, ${quoteLiteral(numberPattern(decimal, scale, currency))})`;
  if (currency !== null) return matches;
  // The pattern allows a sign before the number and another behind it, which may be two currencies.
  return `(${matches} AND NOT regexp_matches(${cell}, ${quoteLiteral(`${ANY_CURRENCY}.*${ANY_CURRENCY}`)}))`;
}

/**
 * The pattern of an amount that ends in one of the marks CR and DR. What ends so may be a currency instead: IDR, SCR, XDR. A
 * mark stands behind anything but one single letter; a currency has three.
 */
export function bookedAs(marks: string): string {
  return `(?:[^A-Za-z]|[A-Za-z]{2})(?i:${marks})\\s*$`;
}

/** The number as text with a point and a leading minus; only for cells that match the pattern. */
export function plainNumberSql(cell: string, decimal: '.' | ','): string {
  const kept = `regexp_replace(${cell}, '[^0-9${decimal}]', '', 'g')`;
  const digits = decimal === ',' ? `replace(${kept}, ',', '.')` : kept;
  return `(CASE WHEN regexp_matches(${cell}, '${MINUS}|\\(|${bookedAs('DR')}') THEN '-' ELSE '' END || ${digits})`;
}

/** Digits behind the decimal character, as a number. */
export function scaleSql(cell: string, decimal: '.' | ','): string {
  const point = decimal === '.' ? '[.]' : ',';
  return `length(regexp_extract(${cell}, '${point}([0-9]+)[^0-9]*$', 1))`;
}

/** All digits of the cell, as a number. */
export function digitsSql(cell: string): string {
  return `length(regexp_replace(${cell}, '[^0-9]', '', 'g'))`;
}

/** The currency sign or code of the cell, '' where it has none. */
export function currencySql(cell: string): string {
  return `regexp_extract(${cell}, ${quoteLiteral(ANY_CURRENCY)})`;
}
