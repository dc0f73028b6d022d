// Texts of the page that do not go through the catalogue (src/texts.ts): text between tags, attributes that are read
// out or shown, and strings of several words. `node untranslated.mjs` prints them; the tests run it.
import ts from 'typescript'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { asked, literal, parsed, sources } from './messages.mjs'

const SHOWN = /^(title|placeholder|alt|label|hint|aria-label|aria-description|what|summary|note|text|caption|legend|more|none|action)$/
const SEVERAL = /[A-Za-z’']{2,}[,;:.]? [A-Za-z]|(^[A-Z’']|[^:] )[a-z]+[.;:]$|[a-z] …$|^[,;.]? ?[a-z]+ $|^ [a-z]{2,}[,;.]?$/
const WORD = /[A-Za-z]{2}/
// class names, styles, selectors and messages of programming errors are no texts
const APART = /^(class|style|d|viewBox|id|href|rel|points|transform|key|data-.*)$/
const CODE = new Set(['querySelector', 'querySelectorAll', 'closest', 'matches', 'matchMedia', 'get', 'post', 'put', 'fetch', 'theme'])
const MARKUP = /^<|var\(--/
const VERBATIM = new Set(['code', 'kbd'])
const PRODUCT = 'Offramp'

/** Line and text of each string that readers see in English whatever the catalogue says; `data`: the values of `dataIn`. */
export function untranslated(file, data = dataIn(file)) {
  const found = []
  const note = (node, text) => {
    if (text.trim() !== PRODUCT) found.push([file.getLineAndCharacterOfPosition(node.getStart()).line + 1, text.trim()])
  }
  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node)) return
    if (ts.isTemplateExpression(node) && !/\s/.test(written(node))) return node.templateSpans.forEach(visit) // a key: `move:reply`
    const texts = asked(node)
    if (texts) {
      for (const text of texts) if (literal(text) === null) note(text, text.getText())
      return node.arguments.slice(texts.length).forEach(visit)
    }
    if (ts.isCallExpression(node) && CODE.has(node.expression.name?.text ?? node.expression.text)) {
      return node.arguments.slice(1).forEach(visit)
    }
    if (ts.isThrowStatement(node) && node.expression.expression?.getText() === 'Error') return
    if (ts.isPropertyAssignment(node)) return within(node.initializer, SHOWN.test(node.name.getText()) ? WORD : SEVERAL)
    if (ts.isBinaryExpression(node) && /^[!=]==$/.test(node.operatorToken.getText())) {
      return [node.left, node.right].filter((side) => !ts.isStringLiteralLike(side)).forEach(visit)
    }
    if (ts.isJsxElement(node) && VERBATIM.has(node.openingElement.tagName.getText())) return
    if (ts.isJsxAttribute(node)) {
      const name = node.name.getText()
      if (APART.test(name) || !node.initializer) return
      return within(node.initializer, SHOWN.test(name) ? WORD : name === 'name' ? /^[A-Z][a-z]/ : SEVERAL)
    }
    if (ts.isJsxExpression(node) && node.expression) return within(node.expression, WORD)
    if (ts.isJsxText(node) && WORD.test(node.text)) note(node, node.text.replace(/\s+/g, ' '))
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node)) string(node, SEVERAL)
    ts.forEachChild(node, visit)
  }
  const string = (node, like) => {
    if (like.test(node.text) && !MARKUP.test(node.text) && !data.has(node.text)) note(node, node.text)
  }
  /** What an expression comes to: of a condition, either side. */
  const within = (node, like) => {
    if (ts.isStringLiteralLike(node)) return string(node, like)
    if (ts.isTemplateExpression(node) && like === WORD && /\s/.test(written(node)) && WORD.test(written(node))) {
      note(node, written(node))
      return node.templateSpans.forEach((span) => visit(span.expression))
    }
    if (ts.isJsxExpression(node)) return node.expression && within(node.expression, like)
    if (ts.isParenthesizedExpression(node)) return within(node.expression, like)
    if (ts.isConditionalExpression(node)) {
      visit(node.condition)
      within(node.whenTrue, like)
      return within(node.whenFalse, like)
    }
    if (ts.isBinaryExpression(node) && /^(&&|\|\||\?\?)$/.test(node.operatorToken.getText())) {
      visit(node.left)
      return within(node.right, like)
    }
    visit(node)
  }
  visit(file)
  return found
}

/** What stands in a template beside its values. */
function written(template) {
  return template.head.text + template.templateSpans.map((span) => span.literal.text).join('')
}

/** The strings that a source declares as types, such as the states of a run: values of data, which no reader sees. */
export function dataIn(file) {
  const found = new Set()
  const visit = (node) => {
    if (ts.isLiteralTypeNode(node) && ts.isStringLiteral(node.literal)) found.add(node.literal.text)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** As `untranslated`, of the text of a source. */
export function untranslatedIn(source) {
  return untranslated(parsed('source.tsx', source))
}

/** Every text of the page or of the widget that does not go through the catalogue, as `src/FILE:LINE: TEXT`. */
export async function everywhere() {
  const widget = await readFile(new URL('../src/offramp/notebook/explore.js', import.meta.url), 'utf8')
  const files = [...(await sources()), parsed('../../src/offramp/notebook/explore.js', widget)]
  const data = new Set(files.flatMap((file) => [...dataIn(file)]))
  return files.flatMap((file) => untranslated(file, data).map(([line, text]) => `src/${file.fileName}:${line}: ${text}`))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) for (const line of await everywhere()) console.log(line)
