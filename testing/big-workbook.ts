import exceljs from 'exceljs';

/** Writes a workbook of so many rows, whose reading lasts long enough that something can be said of it: about 30 µs a row. */
export async function writeBigWorkbook(filename: string, rows: number): Promise<void> {
  const book = new exceljs.stream.xlsx.WorkbookWriter({ filename, zip: { zlib: { level: 1 } } });
  const sheet = book.addWorksheet('Ledger');
  sheet.addRow(['entry_id', 'reference', 'customer', 'amount', 'units', 'booked_at']).commit();
  for (let row = 0; row < rows; row++) {
    sheet
      .addRow([
        row,
        `INV-${100_000 + row}`,
        `Customer ${row % 97}`,
        (row % 9_973) + 0.25,
        row % 13,
        `2026-01-${10 + (row % 20)}`,
      ])
      .commit();
  }
  sheet.commit();
  await book.commit();
}
