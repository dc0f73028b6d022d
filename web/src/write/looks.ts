// Styles of the editor: it uses the page's colours, as CSS variables.

import { EditorView } from '@codemirror/view'

const BUTTON = {
  border: '1px solid var(--line)', borderRadius: 'var(--radius)', background: 'var(--raised)', color: 'var(--ink)',
  padding: '.15rem .5rem', margin: '2px', font: 'inherit',
}

export const looks = EditorView.theme({
  '&': { height: '100%', fontSize: '.85rem', color: 'var(--ink)', backgroundColor: 'var(--paper)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.5', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--ink)', paddingBottom: '40vh' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '2px' },
  '.cm-gutters': { backgroundColor: 'var(--tint)', color: 'var(--soft)', borderRight: '1px solid var(--line)' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 7%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--ink)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)',
  },
  '.cm-selectionMatch, .cm-searchMatch': { backgroundColor: 'color-mix(in srgb, var(--warn) 25%, transparent)' },
  '.cm-searchMatch-selected': { outline: '2px solid var(--warn)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    backgroundColor: 'transparent', outline: '1px solid var(--accent)', color: 'inherit',
  },
  '.cm-foldPlaceholder': { background: 'var(--tint)', color: 'var(--ink)', border: '1px solid var(--line)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none', textDecoration: 'underline wavy var(--error)', textDecorationSkipInk: 'none',
    textUnderlineOffset: '.2em',
  },
  '.cm-lintRange-warning': {
    backgroundImage: 'none', textDecoration: 'underline dotted var(--warn) 2px', textUnderlineOffset: '.2em',
  },
  '.cm-lintPoint-error::after': { borderBottomColor: 'var(--error)' },
  '.cm-lintPoint-warning::after': { borderBottomColor: 'var(--warn)' },
  '.cm-lint-marker': { width: '.9em', height: '.9em' },
  '.cm-gutter-lint': { width: '1.3em' },
  '.cm-lint-marker-error, .cm-lint-marker-warning': {
    content: 'none', borderRadius: '50%', backgroundColor: 'var(--error)', transform: 'scale(.7)',
  },
  '.cm-lint-marker-warning': { borderRadius: '0', backgroundColor: 'var(--warn)', transform: 'scale(.6) rotate(45deg)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)', color: 'var(--ink)', border: '1px solid var(--line)', borderRadius: 'var(--radius)',
    boxShadow: '0 4px 16px rgb(0 0 0 / .2)', fontFamily: 'system-ui, sans-serif', maxWidth: 'min(32rem, 92vw)', zIndex: '15',
  },
  '.cm-tooltip .meaning': { padding: '.5rem .7rem', fontSize: '.9rem' },
  '.cm-tooltip .meaning p': { margin: '.3rem 0 0', whiteSpace: 'pre-wrap' },
  '.cm-diagnostic': { padding: '.35rem .6rem', fontFamily: 'system-ui, sans-serif', fontSize: '.9rem' },
  '.cm-diagnostic-error': { borderLeft: '4px solid var(--error)' },
  '.cm-diagnostic-warning': { borderLeft: '4px solid var(--warn)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '.85rem', maxHeight: '15em' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '.2rem .5rem', lineHeight: '1.4' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { background: 'var(--accent)', color: 'var(--on-accent)' },
  '.cm-completionDetail': { marginLeft: '.8em', fontStyle: 'normal', opacity: '.85' },
  '.cm-completionMatchedText': { fontWeight: '700' },
  '.cm-tooltip.cm-completionInfo': { padding: '.4rem .6rem', fontSize: '.9rem' },
  '.cm-panels': { backgroundColor: 'var(--tint)', color: 'var(--ink)', borderColor: 'var(--line)' },
  '.cm-panel.cm-search': { padding: '.3rem .5rem', fontSize: '.9rem', fontFamily: 'system-ui, sans-serif' },
  '.cm-textfield': {
    border: '1px solid var(--line)', borderRadius: 'var(--radius)', backgroundColor: 'var(--paper)', color: 'var(--ink)',
    padding: '.2rem .4rem', fontSize: 'inherit',
  },
  '.cm-button': { ...BUTTON, backgroundImage: 'none', fontSize: 'inherit' },
  '.cm-button:active': { backgroundImage: 'none', backgroundColor: 'var(--tint)' },
  '.cm-panel.cm-search [name=close]': { fontSize: '1.2rem', minWidth: '24px', minHeight: '24px', color: 'var(--ink)' },
  ':focus-visible:not(.cm-content)': { outline: '2px solid var(--accent)', outlineOffset: '1px' },
})
