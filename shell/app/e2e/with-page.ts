import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** What the browser complained about while a page was open: errors, warnings, breaches of the content policy. */
export type Complaints = string[];

/**
 * How pages are looked at: each colour scheme and each width once. `KALLA_TEST_LOOKS=all` takes all pairs of them, which lasts
 * twice as long and has found nothing more.
 */
export const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 320]
    .filter((width) => process.env.KALLA_TEST_LOOKS === 'all' || (colorScheme === 'dark') === (width === 320))
    .map((width) => ({ colorScheme, width })),
);

/** Starts a browser as it runs in CI too: in a container, where there is neither a sandbox nor much shared memory. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** Collects whatever the browser complains about on a page. */
export function watch(page: Page, complaints: Complaints): void {
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
}

/**
 * Lets a test wait for a file chooser and open it in one step. Playwright asks the browser to hand its choosers over when the first
 * listener is added; a key that is pressed in the same moment can win that race (6 of 100 times on a busy machine), and the
 * chooser is then never seen.
 */
export function expectFileChoosers(page: Page): void {
  page.on('filechooser', () => {});
}

/** Opens a page in a context of its own and closes it after `body`. */
export async function withPage(
  browser: Browser,
  baseURL: string,
  options: BrowserContextOptions,
  body: (page: Page, complaints: Complaints) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    baseURL,
    ...options,
  });
  const page = await context.newPage();
  expectFileChoosers(page);
  const complaints: Complaints = [];
  watch(page, complaints);
  try {
    await body(page, complaints);
  } finally {
    await context.close();
  }
}

/** Drops a file on a place of the page, as a person does with the mouse. */
export async function dropFile(page: Page, selector: string, name: string, text: string): Promise<void> {
  const data = await page.evaluateHandle(
    ([file, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content ?? ''], file ?? '', { type: 'text/csv' }));
      return transfer;
    },
    [name, text],
  );
  const place = page.locator(selector).first();
  for (const type of ['dragenter', 'dragover', 'drop']) await place.dispatchEvent(type, { dataTransfer: data });
}
