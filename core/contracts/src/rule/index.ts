export * from './rule.ts';
export * from './rule-side.ts';
export * from './compile-rule.ts';
export * from './describe-rule.ts';
export * from './condition-sql.ts';
export { amountTerm, dayTerm, textTerm, TEXT_CLASSES } from './term-sql.ts';
export { comparedColumns } from './output-columns.ts';
export { plainText } from './plain-text.ts';
export { checkPair, type PairCell, type PairVerdict } from './check-pair.ts';
