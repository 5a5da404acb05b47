/** A moment as the reader's locale writes it, with the words that make it part of a sentence: `on 26 Nov 2026, 17:30`. */
export function moment(iso: string, locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  return `on ${format.format(new Date(iso))}`;
}
