// What Chrome 87 and Safari 14.1 cannot parse, looked for in the syntax tree of what is built. es-check knows years of
// the standard; these two phones stand between two of them: public class fields yes, private methods no.
import { parseSync } from 'oxc-parser'

interface Node {
  readonly type: string
  readonly start: number
}

const never: Readonly<Record<string, string>> = {
  StaticBlock: 'static block (Chrome 94, Safari 16.4)',
  PrivateIdentifier: 'private member (Safari 15 for methods)',
  ImportAttribute: 'import attribute (Chrome 123)',
}

/** @returns what they lack and where, as `name @ offset` */
export function oldSyntax(code: string, kind: 'module' | 'script'): string[] {
  const { program, errors } = parseSync('built.js', code, { sourceType: kind })
  const found = errors.map(({ message }) => message)
  visit(program, 0)
  return found

  function visit(node: Node, functions: number): void {
    const say = (what: string) => found.push(`${what} @ ${node.start}`)
    const known = never[node.type]
    if (known) say(known)
    if (node.type === 'AwaitExpression' && functions === 0) say('await at the top level (Chrome 89, Safari 15)')
    if (node.type === 'Literal' && 'regex' in node) {
      const { pattern, flags } = node.regex as { pattern: string; flags: string }
      if (/\(\?<[=!]/.test(pattern)) say('look-behind (Safari 16.4)')
      if (/[dv]/.test(flags)) say(`regular expression flag ${flags} (Chrome 90, Safari 15)`)
    }
    // Chrome before 91 gives such a call the wrong arguments: https://crbug.com/v8/9974
    if (node.type === 'ChainExpression' && spreadsIntoChain(node)) say('spread among arguments behind ?. (Chrome 91)')
    const inside = /Function|MethodDefinition/.test(node.type) ? functions + 1 : functions
    for (const child of childrenOf(node)) visit(child, inside)
  }
}

const spreadsIntoChain = (node: Node): boolean =>
  childrenOf(node).some((child) => {
    const args = child.type === 'CallExpression' ? (child as Node & { arguments: Node[] }).arguments : []
    const spreads = args.length > 1 && args.some(({ type }) => type === 'SpreadElement')
    return spreads || (/Member|Call/.test(child.type) && spreadsIntoChain(child))
  })

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter((value): value is Node => typeof value === 'object' && value !== null && 'type' in value)
}
