/**
 * Undoes Excel's writing of characters that XML cannot hold: `_x000D_` is a carriage return, `_x005F_` an underscore.
 * Characters that no text may hold (NUL, half surrogates) stay as they are written.
 */
export function unescapeText(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (written, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code === 0 || (code >= 0xd800 && code <= 0xdfff) ? written : String.fromCharCode(code);
  });
}
