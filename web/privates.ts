// Safari 14.1 has no private methods. Lowered by the build they become look-ups in WeakMaps, on the slowest phones and
// at every read of the framework's state; as plain properties with a name of their own they cost nothing.
import type { Plugin } from 'vite'

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly name?: string
  readonly operator?: string
  readonly left?: Node
}

/** Rewrites `#name` into a property that no other class has. Privacy is the type checker's, which has run before. */
export function plainPrivates(): Plugin {
  let classes = 0
  return {
    name: 'etongban:privates',
    apply: 'build',
    enforce: 'post',
    applyToEnvironment: ({ name }) => name === 'client',
    transform(code, id) {
      if (!/#[\w$]/.test(code) || !/\bclass\b/.test(code)) return undefined
      const edits: { node: Node; text: string }[] = []
      const named: Map<string, string>[] = []

      const visit = (node: Node): void => {
        const isClass = node.type === 'ClassBody'
        if (isClass) named.unshift(namesIn(node, (name) => `_${name}_${(classes++).toString(36)}`))
        if (node.type === 'PrivateIdentifier') {
          const name = named.find((names) => names.has(node.name ?? ''))?.get(node.name ?? '')
          if (!name) this.error(`${id}: #${node.name} belongs to no class`)
          edits.push({ node, text: name })
        }
        for (const child of childrenOf(node)) visit(child)
        if (node.type === 'BinaryExpression' && node.operator === 'in' && node.left?.type === 'PrivateIdentifier') {
          const edit = edits.find((edit) => edit.node === node.left)
          if (edit) edit.text = JSON.stringify(edit.text)
        }
        if (isClass) named.shift()
      }
      visit(this.parse(code))
      if (edits.length === 0) return undefined

      let result = ''
      let at = 0
      for (const { node, text } of edits.sort((one, other) => one.node.start - other.node.start)) {
        result += code.slice(at, node.start) + text
        at = node.end
      }
      return { code: result + code.slice(at), map: null }
    },
  }
}

/** What a class declares, not what a class inside it does. */
function namesIn(body: Node, rename: (name: string) => string): Map<string, string> {
  const names = new Map<string, string>()
  for (const member of childrenOf(body)) {
    const key = (member as { key?: Node }).key
    if (key?.type === 'PrivateIdentifier' && key.name && !names.has(key.name)) names.set(key.name, rename(key.name))
  }
  return names
}

function childrenOf(node: Node): Node[] {
  return Object.values(node)
    .flat()
    .filter((value): value is Node => typeof value === 'object' && value !== null && 'type' in value)
}
