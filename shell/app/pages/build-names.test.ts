import { expect, it } from 'vitest';
import { buildNames } from './build-names.ts';

const moment = (iso: string) => iso.slice(0, 16);
const build = (version: string, at: string | null, checksum: string | null) => ({
  version,
  installed_at: at,
  checksum,
});
const early = '2026-11-26T10:01:05Z';
const late = '2026-11-26T11:07:59Z';

it.each([
  ['two versions', build('2.0.0', late, 'bb'), build('1.0.0', early, 'aa'), '2.0.0', '1.0.0'],
  [
    'one version at two times',
    build('1.0.0', late, 'bb'),
    build('1.0.0', early, 'aa'),
    '1.0.0, installed 2026-11-26T11:07',
    '1.0.0, installed 2026-11-26T10:01',
  ],
  [
    'one version within a minute',
    build('1.0.0', late, 'bb'),
    build('1.0.0', late, 'aa'),
    '1.0.0, installed 2026-11-26T11:07, checksum bb',
    '1.0.0, installed 2026-11-26T11:07, checksum aa',
  ],
  [
    'one version, the time of one unknown',
    build('1.0.0', late, 'bb'),
    build('1.0.0', null, 'aa'),
    '1.0.0, installed 2026-11-26T11:07, checksum bb',
    '1.0.0, checksum aa',
  ],
])('%s', (_, one, other, here, there) => {
  expect(buildNames(one, other, moment)).toEqual({ build: here, other: there });
});

it('one alone', () => {
  expect(buildNames(build('1.0.0', late, 'bb'), null, moment).build).toBe('1.0.0');
});
