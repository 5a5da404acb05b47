/** Every text that a person reads, apart from the sentences of `errors.ts` that name what happened. */
export const messages = {
  fields: {
    project: {
      title: 'Project',
      description:
        'ID of the Google Cloud project that holds the tables. In the Google Cloud console it stands in the project picker at ' +
        'the top, in the column "ID"; it is not the project’s name or number.',
    },
    dataset: {
      title: 'Dataset',
      description:
        'Lists only the tables of this dataset. In the console: BigQuery › Explorer, under the project. Left empty: all ' +
        'datasets of the project.',
    },
    credentials: {
      title: 'Sign in as',
      description: 'Who reads the tables.',
    },
    serviceAccount: {
      title: 'Service account key',
      description: `A service account that may read and nothing else is made in the console: IAM & Admin › Service Accounts. These roles let it read every table of the project; put your own names in:

  gcloud projects add-iam-policy-binding PROJECT --member=serviceAccount:EMAIL --role=roles/bigquery.dataViewer
  gcloud projects add-iam-policy-binding PROJECT --member=serviceAccount:EMAIL --role=roles/bigquery.readSessionUser
  gcloud projects add-iam-policy-binding PROJECT --member=serviceAccount:EMAIL --role=roles/bigquery.jobUser

For one dataset only, run this in the BigQuery console instead of the first:

  GRANT \`roles/bigquery.dataViewer\` ON SCHEMA \`PROJECT.DATASET\` TO "serviceAccount:EMAIL"`,
    },
    applicationDefault: { title: 'The identity Kalla’s worker runs as (application default credentials)' },
    none: { title: 'Nobody (an emulator)' },
    key: {
      title: 'Key file (JSON)',
      description:
        'The whole text of the key file, from { to }. In the console: IAM & Admin › Service Accounts › the account › Keys › ' +
        'Add key › Create new key › JSON. It is stored and never shown again.',
    },
    billingProject: {
      title: 'Project that pays',
      description:
        'ID of the project in which sessions and queries run and are billed, where it is another one than the tables’ project: ' +
        'for public data and data shared with you. Left empty: the project above.',
    },
    textColumns: {
      title: 'Columns to read as text',
      description: 'Names of columns that are read as text, one a line, in the spelling that the README states.',
    },
    bignumericPlaces: {
      title: 'Decimal places of BIGNUMERIC',
      description:
        'BIGNUMERIC columns without a precision may hold 76 digits and are read as exact text. Give the number of decimal ' +
        'places, for example 2, to read them as decimals of 38 digits; a value that does not fit then stops the read and is named.',
    },
    endpoint: {
      title: 'Other address',
      description:
        'Only for private endpoints and emulators, for example https://bigquery-ep.p.googleapis.com. http:// is taken on this ' +
        'machine, or where nobody signs in. Left empty: https://bigquery.googleapis.com.',
    },
    storageEndpoint: {
      title: 'Other address of the Storage Read API',
      description:
        'Host and port, for example bigquerystorage-ep.p.googleapis.com:443; secured where the address above is. Left empty: ' +
        'bigquerystorage.googleapis.com:443, or plain REST where an other address is given above.',
    },
    connectTimeout: { title: 'Seconds to wait', description: 'How long to wait for BigQuery to answer, in seconds.' },
  },
  notAProject: 'A project ID has 6 to 30 small letters, digits and hyphens, for example acme-finance.',
  notADataset: 'The name of a dataset has letters, digits and underscores only; the project goes into its own field.',
  notAnEndpoint: 'An address begins with https:// (or http:// on this machine) and has no user, "?" or "#".',
  notAStorageEndpoint: 'A host and a port, for example bigquerystorage.googleapis.com:443, without https://.',
  noneNeedsEndpoint:
    'Google’s own BigQuery lets nobody in without signing in: give the address of an emulator, or a key.',
  httpWithCredentials: 'Over http:// anyone on the way could read the credentials: use https://.',
  defaultCredentialsElsewhere:
    'The worker’s own identity is only sent to addresses under googleapis.com: use a service account key with this address.',
  keyNotJson: 'This is not a key file: it is JSON, from { to }, as the Google Cloud console downloads it.',
  keyOfOtherKind: (type: unknown) =>
    `This is a credential file of the kind "${String(type).slice(0, 40)}"; a key of a service account ("service_account") is needed.`,
  keyWithout: (part: string) => `The key file has no "${part}" that can be used: paste it whole and unchanged.`,
  storageByRest: (why: string) =>
    `${why} The rows are read over REST instead: exact too, but slower and in one stream.`,
  viewByQuery: (bytes: string | null) =>
    `A view is read by a query in BigQuery${bytes ? `, which goes through ${bytes}` : ''} and is billed as one.`,
  notes: {
    json: 'JSON is read as its text.',
    geography: 'A GEOGRAPHY is read as text (WKT), for example "POINT(1 2)".',
    interval: 'An INTERVAL has no exact counterpart; it is read as text, for example "0-1 2 3:0:0".',
    range: 'A RANGE is read as text, for example "[2026-01-01, 2026-02-01)"; an open end is UNBOUNDED.',
    struct: 'A STRUCT is read as JSON text, for example {"net":10.50,"vat":2.10}; numbers keep all their digits.',
    array: 'An ARRAY is read as JSON text, for example [1,2]; numbers keep all their digits. An empty one is [].',
    bignumeric:
      'A BIGNUMERIC may hold 76 digits; it is read as exact text. "Decimal places of BIGNUMERIC" in the settings, or a view ' +
      'with a cast to NUMERIC or BIGNUMERIC(38,2), makes a decimal of it.',
    bignumericWide: (type: string) =>
      `${type} has more than the 38 digits of the widest decimal; it is read as exact text.`,
    bignumericPlaces: (places: number) =>
      `A BIGNUMERIC is read with ${places} decimal places, as the settings say; a value that does not fit stops the read.`,
    picoseconds: 'A TIMESTAMP of picoseconds; it is read to the microsecond, as BigQuery delivers it here.',
    unknown: (type: string) => `${type} has no exact counterpart; it is read as text in BigQuery’s own spelling.`,
    asked: (type: string) => `Read as text instead of ${type}, as the settings of the source say.`,
  },
};
