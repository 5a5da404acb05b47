import type { Random } from '../random.ts';
import { dayOf, type Cell } from './cells.ts';
import type { ColumnKind } from './pair-kind.ts';

/** Names of columns that have nothing to do with the other side, in the order in which noise adds them. */
const NAMES = {
  de: ['Buchungskreis', 'Erfasst am', 'Saldo', 'Bemerkung', 'GUID', 'Kostenstelle'],
  en: ['Business Unit', 'Created', 'Running Balance', 'Comment', 'Trace Id', 'Cost Centre'],
  es: ['Delegación', 'Fecha de alta', 'Saldo disponible', 'Observaciones', 'Id. interno', 'Centro de coste'],
  fr: ['Agence', 'Date de saisie', 'Solde', 'Commentaire', 'Identifiant', 'Section analytique'],
  it: ['Filiale', 'Data inserimento', 'Saldo progressivo', 'Note', 'Id movimento', 'Centro di costo'],
  nl: ['Afdeling', 'Ingevoerd op', 'Saldo na mutatie', 'Opmerking', 'Kenmerk systeem', 'Kostenplaats'],
  no: ['Avdeling', 'Registrert dato', 'Saldo', 'Merknad', 'Arkivref', 'Kostnadssted'],
  pl: ['Oddział', 'Data wprowadzenia', 'Saldo po operacji', 'Uwagi', 'Identyfikator', 'MPK'],
  pt: ['Balcão', 'Data de registo', 'Saldo contabilístico', 'Observações', 'Id interno', 'Centro de custo'],
  sv: ['Avdelning', 'Registrerad', 'Saldo', 'Anteckning', 'Systemnyckel', 'Kostnadsställe'],
} as const;
export type Language = keyof typeof NAMES;

const MAKE: readonly { kind: ColumnKind; unique?: true; make(random: Random): Cell }[] = [
  { kind: 'text', make: (random) => random.pick(['A01', 'B02', 'C03', 'D04']) },
  { kind: 'date', make: (random) => FIRST_DAY + random.between(0, 120) },
  { kind: 'amount', unique: true, make: (random) => BigInt(random.between(-9_000_000, 90_000_000)) },
  { kind: 'text', make: (random) => random.pick([null, null, null, 'ok', 'siehe Mail', 'in attesa', 'vérifié']) },
  { kind: 'text', unique: true, make: (random) => hex(random, 8) + hex(random, 8) },
  { kind: 'text', make: (random) => String(random.between(100, 140) * 10) },
];
const FIRST_DAY = dayOf('2025-07-01');

export interface ExtraColumn {
  name: string;
  kind: ColumnKind;
  make(random: Random): Cell;
}

/** The first columns that noise adds to a side, with how a cell is made; a keyless side gets none that is unique. */
export function extraColumns(language: Language, count: number, keyless = false): ExtraColumn[] {
  return MAKE.map((made, index) => ({ ...made, name: NAMES[language][index] ?? '' }))
    .slice(0, count)
    .filter(({ unique }) => !keyless || !unique);
}

function hex(random: Random, digits: number): string {
  return Math.floor(random.next() * 16 ** digits)
    .toString(16)
    .padStart(digits, '0');
}
