// Help: keys, colours of the page, and the tour.

import { Menu } from './menu'
import { hello } from './session'
import { theme, THEMES } from './theme'
import { startTour } from './tour'

const KEYS: [string, string][] = [
  ['Ctrl S', 'Save the file'],
  ['Ctrl Z, Ctrl Y', 'Undo, redo in the editor'],
  ['Ctrl F', 'Find in the file'],
  ['Ctrl Space', 'Complete the word'],
  ['F1 or Ctrl I', 'What is this? The word at the cursor'],
  ['F8, Shift F8', 'The next, the last mistake'],
  ['Tab', 'Leave the editor, or indent: Ctrl M changes which (Shift Alt M on a Mac)'],
  ['Arrows on a slider', 'A small step; Page up and down: a large one; Home, End: the ends'],
  ['Delete on a slider', 'Back to the value in the file'],
  ['A, C, R, N', 'In the review of a draft: accept, change, reject, the quote does not say it'],
  ['S, B, U', 'In the review of a draft: skip, back, undo'],
]

export function HelpMenu() {
  return (
    <Menu name="Help" tour="help" class="help">
      {(close) => (
        <>
          <fieldset class="themes">
            <legend>Colours</legend>
            {THEMES.map((one) => (
              <label key={one}>
                <input type="radio" name="theme" checked={theme.value === one} onChange={() => (theme.value = one)} />{' '}
                {one === 'system' ? 'as the system' : one}
              </label>
            ))}
          </fieldset>
          <h2>Keys</h2>
          <dl class="key-list">
            {KEYS.map(([key, what]) => (
              <div key={key}>
                <dt>{key}</dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          <button type="button" onClick={() => { close(); startTour() }}>Take the tour</button>
          <p class="note">Offramp {hello.value?.version}</p>
        </>
      )}
    </Menu>
  )
}
