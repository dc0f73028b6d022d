// Texts of the page that do not go through the catalogue (src/texts.ts): text between tags, attributes that are read
// out or shown, and strings of several words. `node untranslated.mjs` prints them; the tests run it.
import ts from 'typescript'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const CATALOGUE = new Set(['tr', 'trn', 'woven'])
const SHOWN = /^(title|placeholder|alt|label|hint|aria-label|aria-description|what|summary|note|text|caption)$/
const WORDS = /[A-Za-z’']{2,}[,;:.]? [A-Za-z]|[a-z][.;:]$|[a-z] …$|^[,;.]? ?[a-z]+ $|^ [a-z]{2,}[,;.]?$/
// class names, styles, selectors and messages of programming errors are no texts
const APART = /^(class|style|d|viewBox|id|href|rel|points|transform|key|data-.*)$/
// a value that the code compares is data
const COMPARES = new Set([ts.SyntaxKind.EqualsEqualsEqualsToken, ts.SyntaxKind.ExclamationEqualsEqualsToken])
const CODE = new Set(['querySelector', 'querySelectorAll', 'closest', 'matches', 'matchMedia', 'get', 'post', 'put', 'fetch'])

/** Line and text of each string that readers see in English whatever the catalogue says. */
export function untranslated(path, source) {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TSX)
  const found = []
  const note = (node, text) => found.push([file.getLineAndCharacterOfPosition(node.getStart()).line + 1, text.trim()])
  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return
    if (ts.isTemplateExpression(node) && !/\s/.test(written(node))) return void node.templateSpans.forEach((span) => visit(span.expression))
    if (ts.isPropertyAssignment(node)) return visit(node.initializer)
    if (ts.isBinaryExpression(node) && COMPARES.has(node.operatorToken.kind)) {
      return [node.left, node.right].filter((side) => !ts.isStringLiteral(side)).forEach(visit)
    }
    if (ts.isCallExpression(node)) {
      const name = ts.isIdentifier(node.expression) ? node.expression.text : node.expression.name?.text
      if (CATALOGUE.has(name) || CODE.has(name)) return void node.arguments.slice(1).forEach(visit)
    }
    if (ts.isJsxAttribute(node)) {
      const name = node.name.getText()
      if (APART.test(name)) return
      const value = node.initializer
      if (value && ts.isStringLiteral(value) && (SHOWN.test(name) ? /[A-Za-z]{2}/ : WORDS).test(value.text)) return note(node, value.text)
    }
    if (ts.isJsxText(node)) {
      if (/[A-Za-z]{2}/.test(node.text)) note(node, node.text.replace(/\s+/g, ' '))
    } else if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) {
      if (WORDS.test(node.text)) note(node, node.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** What stands in a template beside its values; without a space it is a key such as `move:reply`. */
function written(template) {
  return template.head.text + template.templateSpans.map((span) => span.literal.text).join('')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const entry of (await readdir(join(here, 'src'), { recursive: true })).sort()) {
    if (!/\.tsx?$/.test(entry)) continue
    for (const [line, text] of untranslated(entry, await readFile(join(here, 'src', entry), 'utf8'))) {
      console.log(`src/${entry}:${line}: ${text}`)
    }
  }
}
