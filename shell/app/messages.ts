/** The English of the pages. */
export const messages = {
  appName: 'Kalla',
  skip: 'Skip to the content',
  nav: { label: 'Main', recipes: 'Recipes', runs: 'Runs', sources: 'Sources', api: 'API' },
  theme: { toDark: 'Dark', toLight: 'Light', labelDark: 'Use the dark theme', labelLight: 'Use the light theme' },

  home: {
    title: 'Recipes',
    intro: 'Each recipe matches two sources and accounts for every row of both.',
    emptyTitle: 'No recipe yet',
    empty: 'A recipe names two sources and the rule that matches them. The API page shows how to save one.',
    emptyLink: 'Open the API page',
    run: 'Run',
    runWithFiles: 'Choose files and run',
    starting: 'Starting…',
    lastRun: 'Last run',
    neverRun: 'Not run yet',
    openLast: (name: string) => `Open the last run of ${name}`,
    runNamed: (name: string) => `Run ${name}`,
    runNamedWithFiles: (name: string) => `Choose files and run ${name}`,
    sources: (left: string, right: string) => `${left} and ${right}`,
    matchedOf: (share: string) => `${share} of the rows matched`,
    unmatched: (left: string, leftAlias: string, right: string, rightAlias: string) =>
      `Unmatched: ${left} in ${leftAlias}, ${right} in ${rightAlias}`,
    rule: 'How it matches',
  },

  run: {
    title: (name: string) => `Run of ${name}`,
    version: (version: number) => `version ${version} of the recipe`,
    noPanel: 'There is no panel to show a run with. Build the panels (npm run build), then reload this page.',
  },

  runs: {
    title: 'Runs',
    emptyTitle: 'Nothing has run yet',
    empty: 'Start a recipe, and its run appears here.',
    emptyLink: 'Go to the recipes',
    recipe: 'Recipe',
    status: 'Status',
    started: 'Created',
    took: 'Took',
    matched: 'Matched',
    unmatchedLeft: 'Unmatched left',
    unmatchedRight: 'Unmatched right',
    older: 'Older runs',
    newest: 'Newest runs',
    table: 'Runs, newest first',
  },

  start: {
    title: (name: string) => `Run ${name}`,
    intro: 'This recipe reads the files that you give it now. They are used for this run only.',
    introNoFiles: 'Both sources are set up. Nothing has to be chosen.',
    left: 'Left side',
    right: 'Right side',
    needs: 'It needs these columns:',
    persistent: (type: string) => `Read from ${type} when the run starts.`,
    registered: 'A registered source, read when the run starts.',
    uploading: (name: string) => `Uploading ${name}`,
    checking: (name: string) => `Reading every cell of ${name} …`,
    cancelUpload: 'Stop the upload',
    another: 'Choose another file',
    fits: 'The file fits.',
    rows: 'rows',
    columns: 'columns',
    detected: 'What was read',
    name: 'Column',
    type: 'Type',
    nulls: 'Empty',
    samples: 'First values',
    notes: 'Remarks about this file',
    choose: (option: string) =>
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
    missingTitle: 'This file does not fit',
    missing: (file: string, columns: string[]) =>
      columns.length === 1
        ? `${file} has no column ${columns[0]}. Rename the column in the file, or choose another file.`
        : `${file} lacks these columns: ${columns.join(', ')}. Rename the columns in the file, or choose another file.`,
    near: (missing: string, found: string) => `Is ${missing} perhaps the column ${found}?`,
    start: 'Start the run',
    starting: 'Starting…',
    notYet: 'Give every file first, and answer what is asked about it.',
    uploadFailed: 'The upload did not finish. Check the connection and choose the file again.',
    notUploaded: 'The file could not be used',
  },

  sources: {
    title: 'Sources',
    intro: 'Databases and files that recipes read by name.',
    emptyTitle: 'No source yet',
    empty: 'A source is registered over the API: POST /api/sources.',
    alias: 'Name',
    type: 'Type',
    address: 'Address',
    key: 'Key',
    check: 'Check',
    checkNamed: (alias: string) => `Check ${alias}`,
    checking: 'Checking…',
    preview: 'Show rows',
    previewNamed: (alias: string) => `Show rows of ${alias}`,
    steps: { reach: 'Reach', authenticate: 'Sign in', authorise: 'Permission', read: 'Read' } as Record<string, string>,
    ok: 'passed',
    failed: 'failed',
    rowsOf: (alias: string) => `First rows of ${alias}`,
    none: 'There are no rows.',
    table: 'Registered sources',
  },

  notFound: {
    title: 'There is no such page',
    text: 'The address may be mistyped, or what it named has been deleted.',
    home: 'Go to the recipes',
  },
  error: {
    title: 'Something went wrong',
    text: 'The page could not be shown. Nothing was changed. Reload it; if it stays so, the log of the server says more.',
  },

  panel: {
    loading: 'Loading the panel…',
    failedTitle: 'This part of the page could not be loaded',
    failed: (name: string, reason: string) => `${name}: ${reason}`,
    refusedTitle: 'This panel does not fit this Kalla',
    retry: 'Try again',
    noComponent: 'it does not export a component.',
    wrongApi: (theirs: unknown, ours: number) =>
      `it was written for panel API ${String(theirs)}; this Kalla has ${ours}. Update the panel.`,
    timeout: (seconds: number) => `it did not answer within ${seconds} s.`,
    remainder: 'The rest of the page works.',
  },
  network: 'Kalla does not answer. Check that it is running and try again.',
} as const;
