import { counted } from '@kalla/ui';

/** The English of the source setup. */
export const messages = {
  // Choosing
  whatTitle: 'What do you have?',
  kinds: {
    database: { title: 'A database', text: 'Tables on a server, read when a recipe runs.' },
    file: { title: 'A file', text: 'On this computer, on the web, or in a folder of the server.' },
    warehouse: { title: 'A data warehouse', text: 'Tables in a cloud service, read when a recipe runs.' },
  },
  searchConnectors: 'Search: Postgres, csv, …',
  searchLabel: 'Search what can be connected',
  found: (count: number) => (count === 1 ? '1 found' : `${count} found`),
  noneFound: (typed: string) =>
    `Nothing here is called “${typed}”. A connector for it may be in the registry: look on the page Connectors.`,
  noneOfKind: {
    database: 'No connector for databases is installed.',
    file: 'No connector for files is installed.',
    warehouse: 'No connector for a warehouse is installed yet. The page Connectors installs one.',
  },
  connect: (title: string) => `Connect to ${title}`,
  builtin: 'comes with Kalla',
  endings: (endings: string) => `reads ${endings}`,
  broken: (reason: string) => `Cannot be used: ${reason}`,
  pasteLabel: 'Or paste a connection string',
  pasteHelp: 'It fills in the form. What it holds as a password goes into the password field and nowhere else.',
  pasteExamples: {
    database: 'postgres://user:password@server:5432/database',
    warehouse: 'bigquery://project/dataset',
  },
  pasteButton: 'Fill in the form',
  pasteEmpty: 'Paste a connection string first.',
  filled: 'Filled in from what you pasted. Check the connection.',
  localTitle: 'On this computer',
  localText: 'It is uploaded for the recipe that you make of it, and given anew for each run.',
  localDrop: 'A file for a new recipe',
  addressTitle: 'On the web, or in a folder of the server',
  addressLabel: 'Address of the file',
  addressHelp:
    'An https:// address, or file:// and a path in a folder that the operator allows (KALLA_FILE_ROOTS). It is read anew for each run.',
  addressExample: 'https://example.com/bank.csv',
  addressButton: 'Use this address',
  addressEmpty: 'Write the address first.',
  shape: {
    none: 'This is no connection string.',
    settings: 'This is a list of settings.',
    jdbc: 'Leave out “jdbc:” at the beginning.',
    noScheme: (beginning: string) => `Nothing that is installed reads what begins with ${beginning}.`,
    fileScheme: (beginning: string) => `What begins with ${beginning} is the address of a file or a page.`,
    expected: {
      database: (beginnings: string) =>
        `A connection string is one line, such as postgres://user:password@server:5432/database. Here it begins with one of: ${beginnings}. Or choose the database above, and fill in its form.`,
      warehouse: (beginnings: string) =>
        `A connection string is one line, such as bigquery://project/dataset. Here it begins with one of: ${beginnings}. Or choose the warehouse above, and fill in its form.`,
    },
    path: 'This is a path on a computer, where Kalla cannot fetch it. Choose the file above under “On this computer”; or write where it is on the web, such as https://example.com/bank.csv; or, for a folder of the server, file:// and the whole path, such as file:///reports/bank.csv.',
    noFile: 'This is no address of a file. It begins with https:// or file://, such as https://example.com/bank.csv.',
    noFileScheme: (beginning: string) =>
      `Files that begin with ${beginning} cannot be read. Write an address that begins with https:// or file://, such as https://example.com/bank.csv.`,
  },
  loadFailed: 'The list of connectors could not be loaded',
  tryAgain: 'Try again',
  connectorGone: (type: string, reason: string | null) =>
    reason === null
      ? `The connector “${type}” that this source was set up with is not installed. Install it again, then open this page.`
      : `The connector “${type}” that this source was set up with cannot be used. ${reason}`,

  // Connection
  connectionTitle: (title: string) => `Connection to ${title}`,
  fileTitle: (title: string) => `File: ${title}`,
  chooseOther: 'Choose something else',
  check: 'Check the connection',
  checkAgain: 'Check again',
  checking: 'Checking…',
  stop: 'Stop',
  stopped: 'The check was stopped.',
  stepsLabel: 'Steps of the check',
  checkFailed: 'The check could not be made',
  lookAtFields: 'Look at what is marked in the form, then check again.',
  faultsLabel: 'What to mend',
  changedSince: 'The settings have changed. Check them again.',
  missing: (name: string) => `Fill in “${name}”.`,
  notANumber: 'Write a number in digits.',

  // Handing over
  handTitle: 'Does somebody else know the address and the password?',
  handText:
    'Hand this step over: you get a link that works once and opens this form only. What is filled in as a secret is never shown to you.',
  handButton: 'Hand this step over',
  handAgain: 'Make a new link',
  handAgainHelp: 'A link that was made before stops working.',
  handName: 'What shall the source be called?',
  handMake: 'Make the link',
  handMaking: 'Making the link…',
  handFailed: 'The link could not be made',
  handLink: 'The link',
  handCopy: 'Copy the link',
  handCopied: 'The link is copied.',
  handNotCopied: 'The browser does not allow copying. Select the link and copy it by hand.',
  handOnce: (when: string) => `Send it to one person. It is shown here only now, works once, and expires ${when}.`,
  handLocal:
    'This Kalla is open to this computer only, so the link opens on this computer only: let your colleague fill it in here. For another computer the operator has to make Kalla reachable under a name (KALLA_ALLOWED_HOSTS).',
  handPending: (when: string) => `A link is on its way. Nobody has filled it in yet; it expires ${when}.`,
  handTakeBack: 'Take the link back',
  handTakenBack: 'The link is taken back. It opens nothing any more.',
  handDone: (when: string) => `The connection was filled in through the link ${when}.`,
  handDoneNotice: (alias: string) => `The connection of ${alias} is filled in.`,
  handOpen: 'Go on with the table',
  handReload: 'Show what was filled in',
  handExpired: (when: string) => `The link expired ${when}, and nobody had filled it in.`,

  // Handed over
  handedIntro: (alias: string) =>
    `You were asked to fill in how “${alias}” is reached. Who asked you never sees what you enter as a secret. Nothing else can be seen or changed here.`,
  handedExpires: (when: string) => `The link works once, and expires ${when}.`,
  handedSave: 'Save and finish',
  handedUnchecked: 'The connection is not checked. It is saved as it stands.',
  handedFailed: 'It is not saved',
  handedClosed: 'This link opens nothing',
  handedDoneTitle: 'Thank you, it is saved',
  handedDone: (alias: string) =>
    `The connection of “${alias}” is saved, and who asked you is told. This link is used up; you can close the page.`,

  // Table
  tableTitle: 'Which table?',
  sheetTitle: 'Which sheet?',
  searchTables: 'Search the tables',
  tableList: 'Tables',
  chosenTable: 'Chosen:',
  loadingTables: 'Loading the tables…',
  noTables:
    'There is no table that this user may read. Check the database and the schema, or ask for the right to read.',
  noTableFits: (typed: string) => `No table has “${typed}” in its name.`,
  noTablesYet: 'No table was found so far. Not everything was looked through yet.',
  noTableFitsYet: (typed: string) =>
    `No table with “${typed}” in its name was found so far. Not everything was looked through yet.`,
  moreTables: 'Show more tables',
  aboutRows: (rows: string) => `about ${counted(rows, 'row')}`,
  shownTables: (count: string) => `${count} shown`,
  shownTablesMore: (count: string) => `${count} shown, there are more`,
  tablesFailed: 'The tables could not be listed',
  tableKinds: {
    table: 'table',
    view: 'view',
    'materialized-view': 'stored view',
    'foreign-table': 'table of another server',
    file: 'file',
    sheet: 'sheet',
    index: 'index',
    'data-stream': 'data stream',
  },

  // Rows
  rowsTitle: (table: string) => `First rows of ${table}`,
  rowsTitleFile: 'First rows',
  loadingRows: 'Reading the first rows…',
  readAgain: 'Read the data again',
  noRows: 'It has columns and no rows. A recipe that uses it matches nothing until there are some.',
  rowsFailed: 'The rows could not be read',
  columnsFailed: 'These columns could not be read',
  remarks: 'Remarks about the columns',
  columnCount: (count: string) => counted(count, 'column'),

  // Key
  keyTitle: 'What tells one row from another?',
  keyText: 'The primary key: one column, or several together. Results name rows by it.',
  lookingForKey: 'Looking for a key, and counting it on all rows…',
  countingKey: 'Counting on all rows…',
  stopCounting: 'Stop counting',
  keyColumns: 'Key',
  addColumn: 'Add a column',
  addColumnHint: 'Type a part of its name',
  removeColumn: (name: string) => `Take ${name} out of the key`,
  origins: {
    asked: '',
    declared: 'It is the primary key of the table.',
    index: 'The table has a unique index on it.',
    data: 'It was found in the data.',
    closest: 'No single column and no pair does; this comes closest.',
    'row-number': 'The file has no column that tells its rows apart, so the number of the row is used.',
  },
  proof: (rows: string, distinct: string) => `${counted(rows, 'row')}, ${counted(distinct, 'different value')}`,
  proofPartial: (rows: string, distinct: string) =>
    `In the first ${counted(rows, 'row')}, ${counted(distinct, 'different value')}`,
  tellsApart: 'Tells every row apart',
  doesNot: 'Does not tell every row apart',
  noProof: 'Not counted yet',
  emptyProof: 'There are no rows to count it on.',
  shared: (rows: string) => `${rows} rows share their value with another row.`,
  sharedOne: '1 row shares its value with another row.',
  empty: (rows: string) => `${rows} rows have no value in it. They can never match.`,
  emptyOne: '1 row has no value in it. It can never match.',
  whatThen:
    'Add a column that makes the difference, or choose another key. With this one a result cannot say which of the rows is meant.',
  examples: 'Values that appear more than once',
  exampleRows: 'Rows',
  noKey: 'Choose at least one column as key.',
  noKeyFound: 'No column here can be a key. Add the columns that together tell the rows apart.',
  keyFailed: 'The key could not be counted',
  proposeAgain: 'Propose a key',

  // Saving
  saveTitle: 'Name it',
  aliasLabel: 'Name of the source',
  aliasHelp: 'Recipes use it by this name: lower-case letters, digits and underscores.',
  aliasWrong: 'Begin with a letter, and use only lower-case letters, digits and underscores, at most 63.',
  aliasTaken: (alias: string) => `There is a source named ${alias} already. Choose another name.`,
  save: 'Save the source',
  saveChanges: 'Save the changes',
  saving: 'Saving…',
  cancel: 'Cancel',
  saved: (alias: string) => `The source ${alias} is saved.`,
  saveFailed: 'The source is not saved',
  chooseTableFirst: 'Choose a table first.',
  waitForKey: 'The key is still being looked for. Wait for it, or choose one above.',
  notChecked: 'The connection is not checked. It is saved as it stands.',
} as const;
