// Help: keys, colours of the page, and the tour.

import { Menu } from './menu'
import { hello } from './session'
import { tr } from './texts'
import { theme, THEMES, type Theme } from './theme'
import { startTour } from './tour'

const KEYS: [string, string][] = [
  [tr('Ctrl S'), tr('Save the file')],
  [tr('Ctrl Z, Ctrl Y'), tr('Undo, redo in the editor')],
  [tr('Ctrl F'), tr('Find in the file')],
  [tr('Ctrl Space'), tr('Complete the word')],
  [tr('F1 or Ctrl I'), tr('What is this? The word at the cursor')],
  [tr('F8, Shift F8'), tr('The next, the last mistake')],
  [tr('Tab'), tr('Leave the editor, or indent: Ctrl M changes which (Shift Alt M on a Mac)')],
  [tr('Arrows on a slider'), tr('A small step; Page up and down: a large one; Home, End: the ends')],
  [tr('Delete on a slider'), tr('Back to the value in the file')],
  ['A, C, R, N', tr('In the review of a draft: accept, change, reject, the quote does not say it')],
  ['S, B, U', tr('In the review of a draft: skip, back, undo')],
]
const COLOURS: Record<Theme, string> = { system: tr('as the system'), light: tr('light'), dark: tr('dark') }

export function HelpMenu() {
  return (
    <Menu name={tr('Help')} tour="help" class="help">
      {(close) => (
        <>
          <fieldset class="themes">
            <legend>{tr('Colours')}</legend>
            {THEMES.map((one) => (
              <label key={one}>
                <input type="radio" name="theme" checked={theme.value === one} onChange={() => (theme.value = one)} />{' '}
                {COLOURS[one]}
              </label>
            ))}
          </fieldset>
          <h2>{tr('Keys')}</h2>
          <dl class="key-list">
            {KEYS.map(([key, what]) => (
              <div key={key}>
                <dt>{key}</dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          <button type="button" onClick={() => { close(); startTour() }}>{tr('Take the tour')}</button>
          <p class="note">Offramp {hello.value?.version}</p>
        </>
      )}
    </Menu>
  )
}
