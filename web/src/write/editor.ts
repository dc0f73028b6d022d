// The editor of the crisis file. It lives in a shadow root: there its styles are style sheets made by script, which a
// strict Content-Security-Policy allows, where in the page itself they would be inline styles.

import { acceptCompletion, closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, foldGutter, foldKeymap, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language'
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { Annotation, EditorState, type Extension } from '@codemirror/state'
import {
  crosshairCursor, drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap,
  lineNumbers, rectangularSelection,
} from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { effect, signal } from '@preact/signals'
import { faults, file, textIs, type Fault } from '../crisis'
import { editorAway, narrow, part, say } from '../session'
import { tr } from '../texts'
import { languageHelp } from './language'
import { looks } from './looks'
import { phrases } from './phrases'

/** The editor, once it is on the page. */
export const editor = signal<EditorView | null>(null)
/** Offset of the cursor in the text. */
export const cursor = signal(0)

const HELP = tr(
  'The crisis file. Tab leaves the editor; Control M, on a Mac Shift Alt M, makes Tab indent instead. Control Space ' +
  'completes a word, F1 or Control I says what it means, F8 goes to the next mistake.')

const TAB_KEY = 'offramp-tab'
/** Whether Tab indents in the editor; else it leaves it. Kept in this browser. */
const tabIndents = signal(localStorage.getItem(TAB_KEY) === 'indents')

const fromOutside = Annotation.define<boolean>()

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.comment, tags.lineComment], color: 'var(--soft)', fontStyle: 'italic' },
  { tag: tags.string, color: 'var(--good)' },
  { tag: [tags.keyword, tags.bool, tags.number], color: 'var(--warn)' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace], color: 'var(--soft)' },
])

function extensions(): Extension {
  return [
    lineNumbers(), foldGutter(), lintGutter(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(),
    EditorState.allowMultipleSelections.of(true), indentOnInput(), bracketMatching(), closeBrackets(), rectangularSelection(),
    crosshairCursor(), highlightActiveLine(), highlightSelectionMatches(), search({ top: true }), EditorView.lineWrapping,
    yaml(), indentUnit.of('  '), EditorState.tabSize.of(2), syntaxHighlighting(colours), looks,
    languageHelp(), EditorState.phrases.of(phrases),
    keymap.of([
      { key: 'F8', run: nextFault, shift: lastFault, preventDefault: true },
      { key: 'Tab', run: acceptCompletion },
      { key: 'Ctrl-m', mac: 'Shift-Alt-m', run: switchTab },
      ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, indentWithTab,
    ]),
    EditorView.contentAttributes.of({ 'aria-label': HELP, spellcheck: 'false', autocapitalize: 'off', tabindex: '0' }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged && !update.transactions.some((one) => one.annotation(fromOutside))) {
        textIs(update.state.doc.toString())
      }
      if (update.selectionSet || update.docChanged) cursor.value = update.state.selection.main.head
    }),
  ]
}

function stateOf(text: string): EditorState {
  return EditorState.create({ doc: text, extensions: extensions() })
}

function switchTab(): boolean {
  tabIndents.value = !tabIndents.value
  if (tabIndents.value) localStorage.setItem(TAB_KEY, 'indents')
  else localStorage.removeItem(TAB_KEY)
  say(tabIndents.value
    ? tr('Tab now indents. Control M: Tab leaves the editor.')
    : tr('Tab now leaves the editor. Control M: Tab indents.'))
  return true
}

/** Mounts the editor in an element; returns the function that removes it. */
export function mounted(host: HTMLElement): () => void {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' })
  const view = new EditorView({ state: stateOf(file.peek()?.text ?? ''), parent: root, root })
  editor.value = view
  const follow = effect(() => view.setTabFocusMode(!tabIndents.value))
  return () => {
    follow()
    editor.value = null
    view.destroy()
  }
}

/** Opens another file, with a new undo history. */
export function begins(view: EditorView, text: string): void {
  view.setState(stateOf(text))
  cursor.value = 0
}

/** Replaces the text as one change, which one undo takes back. */
export function changedTo(view: EditorView, text: string): void {
  const old = view.state.doc.toString()
  if (old === text) return
  const most = Math.min(old.length, text.length)
  let from = 0
  while (from < most && old[from] === text[from]) from += 1
  let tail = 0
  while (tail < most - from && old[old.length - 1 - tail] === text[text.length - 1 - tail]) tail += 1
  const insert = text.slice(from, text.length - tail)
  view.dispatch({
    changes: { from, to: old.length - tail, insert },
    selection: { anchor: from, head: from + insert.length },
    annotations: isolateHistory.of('full'),
    scrollIntoView: true,
    userEvent: 'input.rewrite',
  })
}

/** Shows a position in the file, in the part with the editor. */
export function showInFile(from: number, to: number = from): void {
  const view = editor.peek()
  if (!view) return
  const goes = (): void => {
    const end = view.state.doc.length
    view.dispatch({
      selection: { anchor: Math.min(from, end), head: Math.min(to, end) },
      effects: EditorView.scrollIntoView(Math.min(from, end), { y: 'center' }),
    })
    view.focus()
  }
  if (view.dom.checkVisibility()) return goes()
  // it is visible, and can take the focus, only after the page has been updated
  editorAway.value = false
  if (narrow.matches) part.value = 'write'
  requestAnimationFrame(goes)
}

export function showLine(line: number): void {
  const view = editor.peek()
  if (!view || line < 1 || line > view.state.doc.lines) return
  const found = view.state.doc.line(line)
  showInFile(found.from + (found.text.length - found.text.trimStart().length), found.to)
}

/** Underlines what the checker found, where it belongs to the text that stands there. */
export function underline(view: EditorView, faults: Fault[]): void {
  const end = view.state.doc.length
  const marks: Diagnostic[] = faults.map((fault) => ({
    from: Math.min(fault.from, end),
    to: Math.min(fault.to, end),
    severity: fault.severity,
    message: fault.message,
  }))
  view.dispatch(setDiagnostics(view.state, marks))
}

function faultAfter(view: EditorView, forwards: boolean): boolean {
  const said = faults.peek()
  if (!said.length) return false
  const at = view.state.selection.main
  const sorted = [...said].sort((one, other) => one.from - other.from)
  const found = forwards
    ? (sorted.find((fault) => fault.from > at.from) ?? sorted[0])
    : (sorted.filter((fault) => fault.from < at.from).at(-1) ?? sorted[sorted.length - 1])
  if (found) showInFile(found.from, found.to)
  return true
}

export function nextFault(view: EditorView): boolean {
  return faultAfter(view, true)
}

export function lastFault(view: EditorView): boolean {
  return faultAfter(view, false)
}
