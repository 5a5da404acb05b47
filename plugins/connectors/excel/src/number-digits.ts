const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
/** The usual spelling, which needs no work: no exponent, no needless zero, few digits. */
const USUAL = /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;
/** Excel keeps and shows this many significant digits. */
const DIGITS = 15;
/** Numbers that would need more characters stay in their exponent form: no decimal holds them anyway. */
const LONGEST = 60;

/** A number of a cell as plain decimal text. */
export interface PlainNumber {
  text: string;
  /** The text of the file, where digits behind the fifteenth were left out. */
  shortened?: string;
}

/**
 * Turns the text of a number cell into plain decimal text: no exponent, no needless zeros, 15 significant digits.
 *
 * Excel writes doubles with 17 digits, so 0.1 + 0.2 stands there as 0.30000000000000004; it shows 15, and so do we. A whole
 * number that is written out keeps all its digits: other programs put long identifiers there. No digit passes through a
 * JS number. Returns null for what is no number.
 */
export function plainNumber(value: string): PlainNumber | null {
  if (value.length <= DIGITS && value !== '-0' && USUAL.test(value)) return { text: value };
  const match = NUMBER.exec(value);
  if (!match) return null;
  const [, sign = '', whole = '', fraction = '', exponent] = match;
  if (whole === '' && fraction === '') return null;
  if (exponent === undefined && fraction === '') return { text: signed(sign, whole.replace(/^0+(?=\d)/, '')) };
  let digits = whole + fraction;
  // Place of the decimal point, counted from the first digit.
  let point = whole.length + Number(exponent ?? 0);
  const leading = /^0*/.exec(digits)?.[0].length ?? 0;
  digits = digits.slice(leading).replace(/0+$/, '');
  point -= leading;
  if (digits === '') return { text: '0' };
  const long = digits.length > DIGITS;
  if (long) {
    const up = digits.charCodeAt(DIGITS) >= 53;
    digits = digits.slice(0, DIGITS);
    if (up) {
      const next = String(BigInt(digits) + 1n);
      point += next.length - digits.length;
      digits = next;
    }
    digits = digits.replace(/0+$/, '');
  }
  const text = signed(sign, spell(digits, point));
  return long ? { text, shortened: value } : { text };
}

/** Digits before and behind the decimal point; null where the text is in exponent form. */
export function sizeOf(text: string): { whole: number; scale: number } | null {
  if (text.includes('E')) return null;
  const start = text.startsWith('-') ? 1 : 0;
  const point = text.indexOf('.');
  const end = point < 0 ? text.length : point;
  const whole = end - start === 1 && text[start] === '0' ? 0 : end - start;
  return { whole, scale: point < 0 ? 0 : text.length - point - 1 };
}

function spell(digits: string, point: number): string {
  if (Math.abs(point) > LONGEST) {
    const rest = digits.slice(1);
    return `${digits[0]}${rest ? `.${rest}` : ''}E${point > 0 ? '+' : ''}${point - 1}`;
  }
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`;
  if (point >= digits.length) return digits + '0'.repeat(point - digits.length);
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

function signed(sign: string, text: string): string {
  return sign === '-' && text !== '0' ? `-${text}` : text;
}
