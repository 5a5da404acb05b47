import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ConnectorError } from '@kalla/core';
import { describeWith } from '../../../../testing/require-part.ts';
import { configSchema } from './config.ts';
import { toConnectorError } from './errors.ts';
import { calm, createTestProject, readAll, type TestProject } from './testing/test-project.ts';

/** Google's own refusals, in its own words; local-bigquery has none of them, so the front before it answers in its place. */
describeWith('bigquery', 'what BigQuery refuses', (address) => {
  let project: TestProject;
  let table: string;
  beforeAll(async () => {
    project = await createTestProject(address);
    table = `${project.dataset}.bills`;
    await project.sql('CREATE TABLE @@.bills AS SELECT 1 AS id');
  });
  afterEach(() => project.front.clear());
  afterAll(() => project?.[Symbol.asyncDispose]());

  const failure = async (work: () => Promise<unknown>): Promise<ConnectorError> =>
    work().then(
      () => expect.unreachable('It succeeds.'),
      (error: unknown) => error as ConnectorError,
    );

  it.each([
    [
      403,
      'accessDenied',
      'Access Denied: Table kalla-test:books.bills: Permission bigquery.tables.get denied on table kalla-test:books.bills (or it may not exist).',
      'permission',
      /dataViewer/,
    ],
    [
      403,
      'accessDenied',
      'Access Denied: Project kalla-test: User does not have bigquery.jobs.create permission in project kalla-test.',
      'permission',
      /--member=serviceAccount:kalla@acme-finance\.iam\.gserviceaccount\.com --role=roles\/bigquery\.jobUser/,
    ],
    [
      403,
      'quotaExceeded',
      'Quota exceeded: Your project exceeded quota for free query bytes scanned.',
      'rate-limit',
      /midnight Pacific/,
    ],
    [
      403,
      'rateLimitExceeded',
      'Exceeded rate limits: too many api requests per user per method for this user_method.',
      'rate-limit',
      /few seconds/,
    ],
    [429, 'rateLimitExceeded', 'Too many requests.', 'rate-limit', /few seconds/],
    [
      403,
      'accessNotConfigured',
      'BigQuery API has not been used in project 1234 before or it is disabled.',
      'permission',
      /APIs & Services/,
    ],
    [403, 'billingNotEnabled', 'Billing has not been enabled for this project.', 'permission', /under Billing/],
    [404, 'notFound', 'Not found: Dataset kalla-test:books', 'not-found', /capitals count/],
    [404, 'notFound', 'Not found: Project kalla-tset', 'not-found', /project picker/],
    [
      503,
      'backendError',
      'Error encountered during execution. Retrying may solve the problem.',
      'transient',
      /Try again/,
    ],
    [500, 'internalError', 'An internal error occurred.', 'transient', /Try again/],
    [401, 'authError', 'Invalid Credentials', 'auth', /make a new key/],
    [400, 'invalidQuery', 'Syntax error: Unexpected end of script at [1:9]', 'config', /Mend the table or view/],
  ] as const)('REST %i %s: %s → %s', async (status, reason, message, kind, hint) => {
    project.front.inject({ path: '/tables/', rest: { status, reason, message } });
    await using connection = project.connect();
    const error = await failure(() => connection.describe(table, calm()));
    expect(error).toMatchObject({ kind, hint: expect.stringMatching(hint) });
    expect(error.message).toMatch(/^\S.*[^.]\.$/);
    expect(JSON.stringify([error.cause, String(error.cause)])).not.toMatch(/Bearer|PRIVATE|eyJ/);
  });

  it.each([
    [16, 'Request had invalid authentication credentials.', 'auth'],
    [8, 'Resource exhausted: too many concurrent reads', 'rate-limit', /fewer requests/],
    [
      8,
      "Quota exceeded for quota metric 'ReadRows requests' per minute.",
      'rate-limit',
      /^A quota of project .* is used up/,
    ],
    [3, 'request failed: row filter for table is invalid', 'config'],
    [5, 'Not found: Table kalla-test:books.bills', 'not-found'],
  ] as const)('gRPC %i at the session: %s → %s', async (status, message, kind, sentence = /./) => {
    project.front.inject({ path: 'CreateReadSession', grpc: { status, message } });
    await using connection = project.connect();
    const error = await failure(() => connection.plan({ table }, calm()));
    expect(error).toMatchObject({ kind, message: expect.stringMatching(sentence) });
  });

  it('says that a session which is no longer held has to be made anew', async () => {
    await using connection = project.connect();
    const plan = await connection.plan({ table }, calm());
    project.front.inject({ path: 'ReadRows', grpc: { status: 5, message: 'request failed: session expired' } });
    expect(await failure(() => readAll(connection, plan))).toMatchObject({
      kind: 'transient',
      hint: 'Start the run again.',
    });
  });

  it('tries again what may help, and only then', async () => {
    await using connection = project.connect();
    project.front.inject({
      path: '/tables/',
      times: 2,
      rest: { status: 503, reason: 'backendError', message: 'Try again.' },
    });
    expect((await connection.describe(table, calm())).columns).toHaveLength(1);
    project.front.calls.splice(0);
    project.front.inject({
      path: '/tables/',
      times: 1,
      rest: { status: 403, reason: 'quotaExceeded', message: 'Quota exceeded.' },
    });
    await failure(() => connection.describe(table, calm()));
    expect(project.front.calls).toHaveLength(1);
  });

  it('does not wait longer than the settings say for a server that is silent', async () => {
    project.front.inject({ path: '/tables/', hang: true });
    await using connection = project.connect({ connect_timeout: 1 });
    expect(await failure(() => connection.describe(table, calm()))).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('within 1 s'),
    });
  });

  it('does not take a quota that is used up for a sign-in that is refused', async () => {
    const message = 'Quota exceeded: Your project exceeded quota for tables list.';
    project.front.inject({ path: '/tables', rest: { status: 403, reason: 'quotaExceeded', message } });
    await using connection = project.connect();
    const steps = [];
    for await (const step of connection.check(calm())) steps.push(step);
    expect(steps.map(({ step, ok }) => `${step} ${ok}`).slice(1)).toEqual(['authenticate true', 'authorise false']);
    expect(steps.at(-1)?.message).toMatch(/^A quota of project "kalla-test" is used up/);
  });

  it('fails the check where the right is missing, with the grant to copy', async () => {
    project.front.inject({
      path: '/tables',
      rest: {
        status: 403,
        reason: 'accessDenied',
        message:
          'Access Denied: Dataset kalla-test:books: Permission bigquery.tables.list denied on dataset kalla-test:books',
      },
    });
    await using connection = project.connect();
    const steps = [];
    for await (const step of connection.check(calm())) steps.push(step);
    expect(steps.map(({ step, ok }) => `${step} ${ok}`)).toEqual([
      'reach true',
      'authenticate true',
      'authorise false',
    ]);
    expect(steps.at(-1)?.hint).toMatch(
      /gcloud projects add-iam-policy-binding kalla-test .*--role=roles\/bigquery.dataViewer/,
    );
  });
});

describe('settings', () => {
  const base = { project: 'acme-finance', credentials: { kind: 'none' }, endpoint: 'http://127.0.0.1:9050' };
  const fault = (changes: object) => {
    const parsed = configSchema.safeParse({ ...base, ...changes });
    return parsed.success ? null : `${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`;
  };

  it('refuses what would give credentials away', () => {
    expect(fault({})).toBeNull();
    expect(fault({ endpoint: 'http://emulator.example.com:9050' })).toBeNull();
    expect(fault({ credentials: { kind: 'service-account' }, endpoint: 'http://emulator.example.com' })).toMatch(
      /use https/,
    );
    expect(fault({ credentials: { kind: 'application-default' }, endpoint: 'https://evil.example.com' })).toMatch(
      /only sent to addresses under googleapis.com/,
    );
    expect(fault({ credentials: { kind: 'application-default' }, endpoint: 'https://evilgoogleapis.com' })).toMatch(
      /only sent/,
    );
    expect(
      fault({ credentials: { kind: 'application-default' }, endpoint: 'https://bigquery-ep.p.googleapis.com' }),
    ).toBeNull();
    expect(fault({ endpoint: undefined })).toMatch(/lets nobody in/);
    expect(fault({ endpoint: 'file:///etc/passwd' })).toMatch(/^endpoint/);
    expect(fault({ endpoint: 'https://ada:secret@example.com' })).toMatch(/no user/);
  });

  it('takes only keys of service accounts, and never repeats one', () => {
    const withKey = (key: string) => fault({ endpoint: undefined, credentials: { kind: 'service-account', key } });
    expect(withKey('{"type": "external_account", "credential_source": {"executable": {"command": "/bin/sh"}}}')).toBe(
      'credentials.key: This is a credential file of the kind "external_account"; a key of a service account ("service_account") is needed.',
    );
    expect(withKey('s3cr3t')).toMatch(/not a key file/);
    const broken = '-----BEGIN PRIVATE KEY-----\ns3cr3t\n-----END PRIVATE KEY-----\n';
    const said = withKey(JSON.stringify({ type: 'service_account', client_email: 'a@b.c', private_key: broken }));
    expect(said).toMatch(/no "private_key" that can be used/);
    expect(said).not.toContain('s3cr3t');
  });

  it('refuses names that are none', () => {
    expect(fault({ project: 'My Project' })).toMatch(/6 to 30 small letters/);
    expect(fault({ dataset: 'books.bills' })).toMatch(/letters, digits and underscores/);
    expect(fault({ storage_endpoint: 'https://example.com' })).toMatch(/a port/);
  });

  it('calls what was cancelled cancelled, whatever broke because of it', () => {
    const config = configSchema.parse(base);
    expect(toConnectorError(new Error('socket hang up'), { config, signal: AbortSignal.abort() }).kind).toBe(
      'cancelled',
    );
    expect(toConnectorError(new TypeError('x is not a function'), { config }).kind).toBe('bug');
  });
});
