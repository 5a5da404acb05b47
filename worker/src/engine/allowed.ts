/**
 * What a match rule may be made of. Everything else is refused: the SQL comes from a model and may be hostile, and a
 * list of what is forbidden is never complete. All of these exist on DuckDB and on DataFusion with the same meaning.
 */
export const ALLOWED_FUNCTIONS: ReadonlySet<string> = new Set(
  `+ - * / % || ~~ !~~ ~~* !~~*
   abs ceil ceiling floor round trunc sign greatest least nullif power sqrt
   lower upper trim ltrim rtrim btrim length char_length character_length substr substring left right replace concat
   concat_ws lpad rpad reverse repeat starts_with ends_with contains split_part strpos position translate initcap
   ascii chr md5 levenshtein regexp_replace like_escape not_like_escape ilike_escape not_ilike_escape
   date_part date_trunc make_date to_days to_months to_years to_hours to_minutes to_seconds to_weeks
   count count_star sum avg min max any_value bool_and bool_or string_agg stddev stddev_samp stddev_pop
   variance var_samp var_pop median
   row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value`.split(/\s+/),
);

/** Functions that exist but differ or are dangerous, with what to write instead. */
export const INSTEAD: Readonly<Record<string, string>> = {
  '^': 'The sign ^ has different meanings in different engines. Write POWER(a, b).',
  '**': 'Write POWER(a, b) in place of **.',
  '//': 'Write FLOOR(CAST(a AS DECIMAL(18,4)) / b) in place of //.',
  regexp_full_match: 'The operators ~ and SIMILAR TO differ between engines. Write LIKE with % and _.',
  regexp_matches: 'Regular expressions differ between engines. Write LIKE with % and _.',
  random: 'A rule has to give the same result each time: it cannot use random numbers.',
  now: 'A rule has to give the same result each time: it cannot use the current time. Write a date.',
  today: 'A rule has to give the same result each time: it cannot use the current date. Write a date.',
  current_timestamp: 'A rule has to give the same result each time: it cannot use the current time. Write a date.',
  jaro_winkler_similarity: 'Only LEVENSHTEIN(a, b) is available to compare similar texts.',
  jaro_similarity: 'Only LEVENSHTEIN(a, b) is available to compare similar texts.',
  damerau_levenshtein: 'Only LEVENSHTEIN(a, b) is available to compare similar texts.',
  editdist3: 'Only LEVENSHTEIN(a, b) is available to compare similar texts.',
  datediff: 'Compare dates with a range: b.day BETWEEN a.day AND a.day + INTERVAL 3 DAY.',
  date_diff: 'Compare dates with a range: b.day BETWEEN a.day AND a.day + INTERVAL 3 DAY.',
  strftime: 'Compare dates as dates, or take parts with EXTRACT(YEAR FROM day).',
  first: 'Write ANY_VALUE(x), or MIN(x) or MAX(x) to say which one.',
};

export const ALLOWED_CLASSES: ReadonlySet<string> = new Set([
  'COLUMN_REF',
  'CONSTANT',
  'CASE',
  'CAST',
  'COMPARISON',
  'CONJUNCTION',
  'BETWEEN',
  'FUNCTION',
  'OPERATOR',
  'STAR',
  'SUBQUERY',
  'WINDOW',
]);

export const ALLOWED_OPERATORS: ReadonlySet<string> = new Set([
  'OPERATOR_NOT',
  'OPERATOR_IS_NULL',
  'OPERATOR_IS_NOT_NULL',
  'OPERATOR_COALESCE',
  'COMPARE_IN',
  'COMPARE_NOT_IN',
]);

export const ALLOWED_QUERY_NODES: ReadonlySet<string> = new Set(['SELECT_NODE', 'SET_OPERATION_NODE']);
export const ALLOWED_TABLE_REFS: ReadonlySet<string> = new Set([
  'BASE_TABLE',
  'SUBQUERY',
  'JOIN',
  'EMPTY',
  'EXPRESSION_LIST',
]);
export const ALLOWED_JOINS: ReadonlySet<string> = new Set(['INNER', 'LEFT', 'RIGHT', 'OUTER', 'FULL']);
export const ALLOWED_MODIFIERS: ReadonlySet<string> = new Set([
  'ORDER_MODIFIER',
  'LIMIT_MODIFIER',
  'DISTINCT_MODIFIER',
]);

/** Types that a rule may cast to; each has the same meaning on both engines. */
export const ALLOWED_CAST_TYPES: ReadonlySet<string> = new Set(
  'BOOLEAN TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER UBIGINT FLOAT DOUBLE DECIMAL VARCHAR BLOB DATE TIME TIMESTAMP'
    .split(' ')
    .concat('TIMESTAMP WITH TIME ZONE', 'UUID'),
);
