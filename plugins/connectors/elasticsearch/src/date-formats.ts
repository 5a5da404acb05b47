/** Named formats of a mapping that have a whole day and nothing finer. */
const DAY_NAMES = new Set(['date', 'strict_date', 'basic_date', 'year_month_day', 'strict_year_month_day']);

/**
 * True where each format of a date field has a year, a month and a day, and no time: such a field holds days.
 *
 * @example isDayFormat('dd.MM.yyyy||strict_date') && !isDayFormat('strict_date_optional_time')
 */
export function isDayFormat(format: string | undefined): boolean {
  if (!format) return false;
  return format.split('||').every((one) => DAY_NAMES.has(one) || isDayPattern(one));
}

function isDayPattern(pattern: string): boolean {
  // Text in quotes stands for itself.
  const letters = pattern.replace(/'[^']*'/g, '').replace(/[^A-Za-z]/g, '');
  return /^[yuMLd]+$/.test(letters) && /[yu]/.test(letters) && /[ML]/.test(letters) && letters.includes('d');
}
