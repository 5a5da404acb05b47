/** Words that name money in a variable or property, alone or as one word of a longer name: `left_amount`, `totalPrice`. */
const MONEY = new Set([
  'amount',
  'amounts',
  'money',
  'sum',
  'sums',
  'total',
  'totals',
  'balance',
  'balances',
  'price',
  'prices',
  'fee',
  'fees',
]);
/** Words that say that such a name counts something: `total_rows`, `sumMs`, `totalBytes` are whole numbers. */
const COUNTED = new Set([
  'rows',
  'row',
  'count',
  'counts',
  'ms',
  'seconds',
  'bytes',
  'pages',
  'index',
  'size',
  'height',
  'width',
  'pairs',
  'tests',
  'progress',
]);

function isMoney(name) {
  if (name === 'total') return false; // How many rows there are, as in every page of a list.
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z]+/);
  return words.some((word) => MONEY.has(word)) && !words.some((word) => COUNTED.has(word));
}

/** The name that an expression ends in: `row.amount`, `row['amount']`, `amount`, `String(amount)`. */
function nameOf(node) {
  switch (node?.type) {
    case 'Identifier':
      return node.name;
    case 'MemberExpression':
      return node.computed
        ? node.property.type === 'Literal'
          ? String(node.property.value)
          : nameOf(node.property)
        : node.property.name;
    case 'TSNonNullExpression':
    case 'TSAsExpression':
    case 'ChainExpression':
      return nameOf(node.expression);
    case 'CallExpression':
      return nameOf(node.arguments[0]) ?? nameOf(node.callee.object);
    case 'LogicalExpression':
      return nameOf(node.left);
    default:
      return null;
  }
}

/**
 * Money never becomes a JS number: a double has no 0.10. Forbidden are `parseFloat` everywhere, and `Number(x)`, `+x`,
 * `x.toFixed()` and `parseInt(x)` where x is named like money. Decimals travel as text and are computed by the engine.
 */
export const money = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const report = (node, what) =>
      context.report({
        node,
        message: `${what}: money must not become a JS number. Keep it as text, or let DuckDB compute with DECIMAL.`,
      });
    const checkNamed = (node, argument, what) => {
      const name = nameOf(argument);
      if (name && isMoney(name)) report(node, `${what} on "${name}"`);
    };
    return {
      CallExpression(node) {
        const { callee } = node;
        const global =
          callee.type === 'MemberExpression' && ['Number', 'globalThis', 'window'].includes(callee.object.name);
        const name = callee.type === 'Identifier' ? callee.name : global ? callee.property.name : null;
        if (name === 'parseFloat') report(node, 'parseFloat');
        if (name === 'Number' || name === 'parseInt') checkNamed(node, node.arguments[0], name);
        if (callee.type === 'MemberExpression' && callee.property.name === 'toFixed')
          checkNamed(node, callee.object, 'toFixed');
      },
      NewExpression(node) {
        if (node.callee.name === 'Number') checkNamed(node, node.arguments[0], 'new Number');
      },
      UnaryExpression(node) {
        if (node.operator === '+') checkNamed(node, node.argument, 'Unary plus');
      },
    };
  },
};
