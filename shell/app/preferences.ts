export type Theme = 'light' | 'dark';
export const THEME_COOKIE = 'kalla_theme';

/** The theme that the user has chosen, or null where the system's choice holds. */
export function themeOf(cookieHeader: string | null): Theme | null {
  const match = /(?:^|;\s*)kalla_theme=(light|dark)(?:;|$)/.exec(cookieHeader ?? '');
  return (match?.[1] as Theme | undefined) ?? null;
}

/**
 * The locale that numbers and dates are written in: the first of `Accept-Language` that `Intl` knows, else British English.
 *
 * @example localeOf('de-CH,de;q=0.9') === 'de-CH'
 */
export function localeOf(acceptLanguage: string | null): string {
  for (const part of (acceptLanguage ?? '').split(',')) {
    const tag = part.split(';')[0]?.trim();
    if (!tag || tag === '*') continue;
    try {
      const [supported] = Intl.NumberFormat.supportedLocalesOf([tag]);
      if (supported) return supported;
    } catch (error) {
      // A malformed tag is a RangeError; the next one may be good.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return 'en-GB';
}
