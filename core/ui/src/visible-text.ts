/**
 * A name as it can be read in one line: line breaks, tabs and other control characters are shown as their symbols, and marks
 * that turn the direction of writing are left out. Table and column names may hold any of them.
 *
 * @example visibleText('due\ndate') === 'due␊date'
 */
export function visibleText(text: string): string {
  return text
    .replace(/[\u0000-\u001f]/g, (character) => String.fromCharCode(0x2400 + character.charCodeAt(0)))
    .replace(/[\u007f\u0080-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
}
