import { ConnectorError, type Operation } from '@kalla/core';
import { brokenError, foreign } from './errors.ts';
import { builtInFormat, readFormat } from './number-format.ts';
import type { CellFormat } from './types.ts';
import { attribute, readWholeXml, type XmlHandlers } from './xml.ts';
import { Archive } from './zip.ts';

/** The parts that describe a workbook are small; a large one is none of them. */
const MOST_META_BYTES = 64 << 20;

export interface SheetInfo {
  name: string;
  /** `very-hidden` sheets cannot be shown from Excel's menus. */
  state: 'visible' | 'hidden' | 'very-hidden';
  part: string;
}

/** An open workbook: its sheets in order, how its cells show, and where their texts are. */
export interface Workbook {
  archive: Archive;
  sheets: SheetInfo[];
  /** Names of sheets that hold a chart or a dialog in place of cells. */
  otherSheets: string[];
  epoch1904: boolean;
  /** By style index. */
  formats: CellFormat[];
  sharedStrings: string | null;
}

/** Opens a workbook and reads everything but cells. Throws `type` errors that say what the file is instead. */
export async function openWorkbook(path: string, name: string, operation: Operation): Promise<Workbook> {
  const archive = await Archive.open(path, name);
  try {
    if (!archive.has('[Content_Types].xml')) throw notAWorkbook(archive, name);
    const top = await relationships(archive, '_rels/.rels', '', operation);
    const main = top.find(({ type }) => type === 'officeDocument')?.part ?? 'xl/workbook.xml';
    if (/\.bin$/i.test(main))
      throw foreign(name, 'a binary workbook (.xlsb)', 'Open it in Excel and save it as .xlsx.');
    if (!archive.has(main) || !/workbook[^/]*\.xml$/i.test(main)) throw notAWorkbook(archive, name);
    const folder = main.slice(0, main.lastIndexOf('/') + 1);
    const related = await relationships(archive, `${folder}_rels/${main.slice(folder.length)}.rels`, folder, operation);
    const workbook: Workbook = {
      archive,
      sheets: [],
      otherSheets: [],
      epoch1904: false,
      formats: [],
      sharedStrings: null,
    };
    await meta(archive, main, operation, {
      open(element, attributes) {
        if (element === 'workbookPr') workbook.epoch1904 = isTrue(attributes.date1904);
        if (element !== 'sheet') return;
        const id = attribute(attributes, 'id');
        const target = related.find((one) => one.id === id);
        const title = attributes.name ?? '';
        if (target && target.type !== 'worksheet') workbook.otherSheets.push(title);
        else if (target) {
          const state =
            attributes.state === 'hidden' ? 'hidden' : attributes.state === 'veryHidden' ? 'very-hidden' : 'visible';
          workbook.sheets.push({ name: title, state, part: target.part });
        } else throw brokenError(name, `its sheet "${title}" is missing`);
      },
    });
    workbook.sharedStrings = related.find(({ type }) => type === 'sharedStrings')?.part ?? null;
    const styles = related.find(({ type }) => type === 'styles')?.part;
    if (styles && archive.has(styles)) workbook.formats = await readStyles(archive, styles, operation);
    if (workbook.sheets.length === 0) {
      throw new ConnectorError('type', `${name} has no sheet with cells.`, {
        hint: 'Choose the workbook that holds the rows.',
      });
    }
    return workbook;
  } catch (error) {
    await archive[Symbol.asyncDispose]();
    throw error;
  }
}

async function readStyles(archive: Archive, part: string, operation: Operation): Promise<CellFormat[]> {
  const codes = new Map<number, CellFormat>();
  const ids: number[] = [];
  let inCells = false;
  await meta(archive, part, operation, {
    open(element, attributes) {
      if (element === 'numFmt') codes.set(Number(attributes.numFmtId), readFormat(attributes.formatCode ?? ''));
      else if (element === 'cellXfs') inCells = true;
      else if (element === 'xf' && inCells) ids.push(Number(attributes.numFmtId ?? 0));
    },
    close(element) {
      if (element === 'cellXfs') inCells = false;
    },
  });
  return ids.map((id) => codes.get(id) ?? builtInFormat(id));
}

interface Relationship {
  id: string;
  /** The last word of the type's address: the strict and the usual form of a workbook differ before it. */
  type: string;
  part: string;
}

async function relationships(
  archive: Archive,
  part: string,
  folder: string,
  operation: Operation,
): Promise<Relationship[]> {
  const found: Relationship[] = [];
  if (!archive.has(part)) return found;
  await meta(archive, part, operation, {
    open(element, { Id = '', Type = '', Target = '', TargetMode }) {
      if (element !== 'Relationship' || TargetMode === 'External') return;
      found.push({ id: Id, type: Type.slice(Type.lastIndexOf('/') + 1), part: resolvePart(folder, Target) });
    },
  });
  return found;
}

function resolvePart(folder: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1);
  const steps = folder.split('/').filter(Boolean);
  for (const step of target.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.' && step !== '') steps.push(step);
  }
  return steps.join('/');
}

async function meta(
  archive: Archive,
  part: string,
  operation: Operation,
  handlers: Partial<XmlHandlers>,
): Promise<void> {
  if (archive.sizeOf(part) > MOST_META_BYTES)
    throw brokenError(archive.name, `its part "${part}" is far larger than such a part can be`);
  const nothing = () => undefined;
  const full = { open: nothing, close: nothing, text: nothing, ...handlers };
  await readWholeXml(archive.read(part, operation), full, archive.name, part, operation);
}

function notAWorkbook(archive: Archive, name: string): ConnectorError {
  if (archive.has('mimetype') && archive.has('content.xml')) {
    return foreign(name, 'an OpenDocument file (.ods)', 'Open it in LibreOffice or Excel and save it as .xlsx.');
  }
  if (archive.has('xl/workbook.bin'))
    return foreign(name, 'a binary workbook (.xlsb)', 'Open it in Excel and save it as .xlsx.');
  if (archive.has('word/document.xml')) return foreign(name, 'a Word document', 'Choose the workbook.');
  if (archive.has('ppt/presentation.xml')) return foreign(name, 'a PowerPoint presentation', 'Choose the workbook.');
  if (archive.find(/^index\/.*\.iwa$|^index\.zip$/))
    return foreign(name, 'a Numbers document', 'Export it from Numbers as Excel.');
  return foreign(name, 'a ZIP archive without a workbook in it', 'Unpack it and add the workbook itself.');
}

/** True of an XML boolean. */
export function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true' || value === 'on';
}
