import type { ConnectorInfo, ConnectorKind } from '@kalla/core';
import { expect, it } from 'vitest';
import { addressFault } from './address-shape.ts';

const connector = (kind: ConnectorKind, schemes: string[], extensions: string[] = []): ConnectorInfo => ({
  type: schemes[0] ?? 'file',
  title: '',
  package: '',
  version: '1.0.0',
  builtin: true,
  kind,
  schemes,
  extensions,
  config_schema: {},
  panel: null,
  error: null,
  previous_version: null,
  build: null,
  previous_build: null,
});
const connectors = [
  connector('database', ['postgres', 'postgresql']),
  { ...connector('database', ['mysql']), error: 'It cannot be loaded.' },
  connector('warehouse', ['bigquery']),
  connector('file', [], ['.csv']),
];
const fault = (typed: string, kind: ConnectorKind) => addressFault(typed, kind, connectors);

it.each([
  ['postgres://u:p@h/db', 'database'],
  ['PostgreSQL://h/db', 'database'],
  ['bigquery://project', 'database'],
  ['https://example.com/bank.csv?token=1', 'database'],
  ['https://example.com/export', 'file'],
  ['file:///reports/bank.csv', 'file'],
  ['postgres://h/db', 'file'],
] as const)('leaves %s for %s to be taken apart', (typed, kind) => {
  expect(fault(typed, kind)).toBeNull();
});

it.each([
  ['hello there', 'database', /^This is no connection string\. .*postgres:\/\/user:password@server:5432\/database/],
  ['hello there', 'warehouse', /^This is no connection string\. .*bigquery:\/\/project\/dataset/],
  ['Server=db;Database=books;Password=pw1', 'database', /^This is a list of settings\..*postgres:\/\//],
  ['host=db dbname=books', 'database', /^This is a list of settings\./],
  ['jdbc:postgresql://db/books', 'database', /^Leave out “jdbc:” at the beginning\./],
  ['mysql://u:pw1@h/db', 'database', /^Nothing that is installed reads what begins with mysql:\/\/\./],
  ['https://db.example.com:9200', 'database', /^What begins with https:\/\/ is the address of a file or a page/],
  ['C:\\Users\\ada\\bank.csv', 'file', /^This is a path on a computer, .*https:\/\/example\.com\/bank\.csv/],
  ['/home/ada/bank.csv', 'file', /^This is a path on a computer/],
  ['bank.csv', 'file', /^This is a path on a computer/],
  ['hello there', 'file', /^This is no address of a file\. .*https:\/\/example\.com\/bank\.csv/],
  ['ftp://h/bank.csv', 'file', /^Files that begin with ftp:\/\/ cannot be read\./],
] as const)('says what is expected in place of %s for %s', (typed, kind, sentence) => {
  const said = fault(typed, kind);
  expect(said).toMatch(sentence);
  expect(said).not.toMatch(/\buri\b|pw1/i);
});

it('names what is installed, and not what cannot be used', () => {
  expect(fault('hello', 'database')).toContain('postgres://, postgresql://');
  expect(fault('hello', 'database')).not.toContain('mysql');
});
