import { crc32, deflateRawSync } from 'node:zlib';
import { directoryOf, entryOf, headOf } from './zip-records.ts';

/** A ZIP archive of these parts, as small as a test needs it. `declared` overrides the size that a part says it has. */
export function zipOf(
  parts: Readonly<Record<string, string | Buffer>>,
  declared: Readonly<Record<string, number>> = {},
): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(parts)) {
    const data = Buffer.from(content);
    const packed = deflateRawSync(data);
    const bytes = declared[name] ?? data.length;
    const head = headOf({ name, crc: crc32(data), packedBytes: packed.length, bytes });
    directory.push(entryOf(name, head, at));
    const body = Buffer.concat([head, Buffer.from(name), packed]);
    bodies.push(body);
    at += body.length;
  }
  return Buffer.concat([...bodies, directoryOf(directory, at)]);
}

export interface SheetXml {
  name: string;
  /** What stands inside `<sheetData>`. */
  rows: string;
  /** Before and behind `<sheetData>`. */
  before?: string;
  after?: string;
  state?: string;
}

export interface WorkbookXml {
  sheets: SheetXml[];
  /** Number format codes; style 1 is the first of them, style 0 is General. */
  formats?: string[];
  /** Shared texts as they stand inside `<si>`. */
  strings?: string[];
  epoch1904?: boolean;
}

/** The parts of a workbook by hand, so that a test can have what no library writes. */
export function partsOf({
  sheets,
  formats = [],
  strings = [],
  epoch1904 = false,
}: WorkbookXml): Record<string, string> {
  const type = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
  const relations = (list: string[]) =>
    `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${list.join('')}</Relationships>`;
  const relation = (id: string, kind: string, target: string) =>
    `<Relationship Id="${id}" Type="${type}/${kind}" Target="${target}"/>`;
  const parts: Record<string, string> = {
    '[Content_Types].xml': '<?xml version="1.0"?><Types/>',
    '_rels/.rels': relations([relation('r1', 'officeDocument', 'xl/workbook.xml')]),
    'xl/workbook.xml': `<?xml version="1.0"?><workbook ${main} xmlns:r="${type}"><workbookPr date1904="${epoch1904 ? 1 : 0}"/><sheets>${sheets
      .map(
        ({ name, state }, index) =>
          `<sheet name="${escapeXml(name)}" sheetId="${index + 1}" r:id="s${index + 1}"${state ? ` state="${state}"` : ''}/>`,
      )
      .join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations([
      ...sheets.map((_, index) => relation(`s${index + 1}`, 'worksheet', `worksheets/sheet${index + 1}.xml`)),
      relation('st', 'styles', 'styles.xml'),
      ...(strings.length ? [relation('ss', 'sharedStrings', '/xl/sharedStrings.xml')] : []),
    ]),
    'xl/styles.xml': `<?xml version="1.0"?><styleSheet ${main}><numFmts>${formats
      .map((code, index) => `<numFmt numFmtId="${164 + index}" formatCode="${escapeXml(code)}"/>`)
      .join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>${formats
      .map((_, index) => `<xf numFmtId="${164 + index}"/>`)
      .join('')}</cellXfs></styleSheet>`,
  };
  sheets.forEach(({ rows, before = '', after = '' }, index) => {
    parts[`xl/worksheets/sheet${index + 1}.xml`] =
      `<?xml version="1.0"?><worksheet ${main}>${before}<sheetData>${rows}</sheetData>${after}</worksheet>`;
  });
  if (strings.length) {
    parts['xl/sharedStrings.xml'] =
      `<?xml version="1.0"?><sst ${main}>${strings.map((text) => `<si>${text}</si>`).join('')}</sst>`;
  }
  return parts;
}

export function workbookOf(workbook: WorkbookXml): Buffer {
  return zipOf(partsOf(workbook));
}

/** A cell with a text of its own. */
export function textCell(ref: string, text: string): string {
  return `<c r="${ref}" t="inlineStr"><is><t xml:space="preserve">${escapeXml(text)}</t></is></c>`;
}

/** A row of texts. */
export function textRow(row: number, texts: readonly string[]): string {
  return `<row r="${row}">${texts.map((text, index) => textCell(`${String.fromCharCode(65 + index)}${row}`, text)).join('')}</row>`;
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}
