import { pairKinds } from './generate/pairs/kinds/index.ts';
import { duration, table } from './markdown.ts';
import type { SuggestionResult } from './result.ts';

/** How far behind the rule of somebody who knows the files a proposal may be before its rule and examples are printed. */
const BEHIND = 0.02;

/** The part of the report about proposals: one row for each pair of files, then those that fall behind, with examples. */
export function suggestionLines(results: readonly SuggestionResult[]): string[] {
  const lines = [
    '## Proposals',
    '',
    'The first proposal for two files that Kalla has not seen before, run as it stands. Precision: the share of the matched',
    'pairs that belong together; recall: the share of the pairs to be found that were. "Expert" is the rule of somebody who',
    'knows the files: what typos and charges leave to be found. A case is asked for once.',
    '',
    table(
      [
        'pairs',
        'noise',
        'rows',
        'time',
        'score',
        'precision',
        'recall',
        'expert: precision',
        'recall',
        'ambiguous rows',
      ],
      results.map(row),
    ),
    '',
    'What the kinds are:',
    '',
    ...[...new Set(results.map(({ kind }) => kind))].map((kind) => `- \`${kind}\`: ${pairKinds[kind].title}.`),
  ];
  const behind = results.filter(isBehind);
  if (behind.length > 0) {
    lines.push('', `Where the first proposal is not what an expert would choose (more than ${BEHIND} behind):`, '');
    for (const result of behind) lines.push(...behindLines(result));
  }
  return lines;
}

function row(result: SuggestionResult): string[] {
  const { kind, noise, rows, ms, proposals, score, expert, ambiguous } = result;
  return [
    kind,
    noise,
    `${rows.left} × ${rows.right}`,
    ms === null ? '–' : duration(ms),
    score === null ? (ms === null || proposals > 0 ? '–' : 'no proposal') : score.toFixed(2),
    share(result.precision),
    share(result.recall),
    share(expert?.precision ?? null),
    share(expert?.recall ?? null),
    ambiguous ? `${ambiguous.left} / ${ambiguous.right}` : '–',
  ];
}

/** Four digits of a share, cut and not rounded: 1.0000 means all of them. */
function share(value: number | null): string {
  return value === null ? '–' : (Math.floor(value * 10_000 + 1e-9) / 10_000).toFixed(4);
}

/**
 * True where an expert's rule finds clearly more or more surely, and where files without anything in common get a
 * proposal that is more likely right than wrong by its own score.
 */
export function isBehind({ precision, recall, expert, score, ms, kind }: SuggestionResult): boolean {
  if (pairKinds[kind].expert === null) return (score ?? 0) >= 0.5;
  if (!expert) return false;
  if (ms !== null && score === null) return true;
  const less = (own: number | null, other: number | null) => (own ?? 0) < (other ?? 0) - BEHIND;
  return less(precision, expert.precision) || less(recall, expert.recall);
}

function behindLines({ kind, noise, rows, rule, examples }: SuggestionResult): string[] {
  const code = (text: string) => `\`\`${text.replaceAll('\n', ' ')}\`\``;
  return [
    `- **${kind}, ${noise}, ${rows.left} rows**: ${rule === null ? 'no proposal' : code(rule)}`,
    ...examples.map((text) => `  - ${text.replace(/: ([^]*)/, (_, cells: string) => `: ${code(cells)}`)}`),
  ];
}
