// The messages of the page: what its sources ask the catalogue for (src/texts.ts), each with where it stands.
// `node messages.mjs` prints them as JSON: [file, message] or, with plural forms, [file, one, many].
import ts from 'typescript'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
/** The functions of the catalogue, by how many messages each takes. */
const CATALOGUE = new Map([['tr', 1], ['trn', 2], ['woven', 1]])

/** The path and the syntax of each source of the page, but for the catalogue itself. */
export async function sources() {
  const paths = (await readdir(join(here, 'src'), { recursive: true })).sort()
    .filter((path) => /\.tsx?$/.test(path) && path !== 'texts.ts')
  return Promise.all(paths.map(async (path) => parsed(path, await readFile(join(here, 'src', path), 'utf8'))))
}

export function parsed(path, source) {
  return ts.createSourceFile(path, source, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TSX)
}

/** The arguments of a call of the catalogue that are messages; null for anything else. */
export function asked(node) {
  if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return null
  const many = CATALOGUE.get(node.expression.text)
  return many === undefined ? null : node.arguments.slice(0, many)
}

/** The text of a string that is written out, over one line or several; null for anything else. */
export function literal(node) {
  if (ts.isStringLiteralLike(node)) return node.text
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.PlusToken) return null
  const [left, right] = [literal(node.left), literal(node.right)]
  return left === null || right === null ? null : left + right
}

/** The messages of a source: lists of one or two texts. */
export function messages(file) {
  const found = []
  const visit = (node) => {
    const texts = asked(node)?.map(literal)
    if (texts) found.push(texts)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = (await sources()).flatMap((file) => messages(file).map((texts) => [`src/${file.fileName}`, ...texts]))
  console.log(JSON.stringify(found))
}
