/** The English of the shared components. */
export const messages = {
  exactValue: (value: string) => `Exactly ${value}`,
  close: 'Close',
  dismiss: 'Dismiss',
  notifications: 'Notifications',
  chooseFile: 'Choose a file',
  orDrop: 'or drop it here',
  dropNow: 'Drop the file here',
  oneFileOnly: 'Drop one file at a time.',
  noFolder: 'This is a folder. Drop a file that is in it.',
  loading: 'Loading…',
  status: {
    queued: 'Waiting',
    staging: 'Reading sources',
    matching: 'Matching',
    completed: 'Completed',
    failed: 'Failed',
    cancelled: 'Cancelled',
  },
  inFile: (file: string) => file,
  line: (line: number) => `line ${line}`,
  row: (row: number) => `row ${row}`,
  column: (column: string) => `column “${column}”`,
  value: (value: string) => `value “${value}”`,
  whereItIs: 'Where it is',
  whatIsWrong: 'What is wrong',
  whatToDo: 'What to do',
  chooseOption: (option: string) =>
    ({ date_order: 'Which comes first in a date?', decimal: 'Which sign parts the decimals?' })[option] ??
    `Choose: ${option}`,
  choiceLabel: (option: string, value: string) =>
    (
      ({
        'date_order=dmy': 'The day (31.01.2026)',
        'date_order=mdy': 'The month (01/31/2026)',
        'date_order=ymd': 'The year (2026-01-31)',
        'decimal=.': 'A point (1,234.56)',
        'decimal=,': 'A comma (1.234,56)',
      }) as Record<string, string>
    )[`${option}=${value}`] ?? value,
  dropFiles: (count: number) => `Choose ${count} files`,
  orDropThem: 'or drop them here',
  dropThemNow: 'Drop the files here',
  tooManyFiles: (most: number) => `Drop at most ${most} files at a time.`,
  noneFits: (typed: string) => `Nothing is called “${typed}”.`,
  moreFit: (count: number) => `and ${count} more: type a part of the name`,
  decimalExpected: 'Write a number such as 0.05.',
} as const;
