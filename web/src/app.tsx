// The frame: the head with the file, the parts, and the editor beside them.

import type { ComponentType } from 'preact'
import { useEffect } from 'preact/hooks'
import { Drafting } from './draft/drafting'
import { IsDraft } from './draft/first'
import { draftFolder } from './draft/state'
import { Gallery } from './gallery/gallery'
import { Head } from './head'
import { NewCrisis } from './new/new'
import { openWorkbench } from './opening'
import { Play } from './play/play'
import { Seat } from './play/seat'
import { Runs } from './runs/runs'
import { Score } from './score/score'
import { See } from './see/see'
import { editorAway, hello, narrow, notice, part, PARTS, type Part } from './session'
import { tr } from './texts'
import { Tour } from './tour'
import { Write } from './write/write'

const NAMES: Record<Part, string> = {
  write: tr('Write'), see: tr('See'), runs: tr('Runs'), play: tr('Play'), score: tr('Score'), draft: tr('Draft'),
}
const SHOWN: Record<Exclude<Part, 'write'>, ComponentType> = { see: See, runs: Runs, play: Play, score: Score, draft: Drafting }

export function App() {
  return hello.value?.role === 'analyst' ? <Workbench /> : <Seat />
}

function Workbench() {
  const shown = part.value
  useEffect(() => void openWorkbench(), [])
  return (
    <>
      <Head />
      <nav class="parts" aria-label={tr('Parts of the workbench')} data-tour="parts">
        {PARTS.filter((name) => name !== 'draft' || shown === 'draft' || draftFolder.value !== null).map((name) => (
          <button key={name} type="button" class={`part-${name}`} aria-current={isShown(name, shown) ? 'page' : undefined}
            onClick={() => (part.value = name)}>
            {NAMES[name]}
          </button>
        ))}
        <button type="button" class="editor-away" aria-pressed={editorAway.value}
          onClick={() => (editorAway.value = !editorAway.value)}>
          {tr('Hide the editor')}
        </button>
      </nav>
      {shown !== 'draft' && <IsDraft />}
      <div class={`bench ${editorAway.value ? 'alone' : ''}`} data-part={shown}>
        <section class="pane write" aria-label={tr('Write: the crisis file')}>
          <Write />
        </section>
        <main class="pane shown">
          {(Object.keys(SHOWN) as Exclude<Part, 'write'>[]).map((name) => {
            const Shown = SHOWN[name]
            // on a wide page the editor is at the left, so the other part stays at the right
            const visible = shown === name || (shown === 'write' && name === 'see')
            return (
              <section key={name} class={`part ${name}`} aria-label={NAMES[name]} hidden={!visible}>
                <Shown />
              </section>
            )
          })}
        </main>
      </div>
      <NewCrisis />
      <Gallery />
      <Tour />
      <Said />
    </>
  )
}

/** On a wide page there is no button for the editor: the part at the right is the current one. */
function isShown(name: Part, shown: Part): boolean {
  return shown === name || (shown === 'write' && name === 'see' && !narrow.matches)
}

const STAYS = 6000

function Said() {
  const said = notice.value
  useEffect(() => {
    if (said?.kind !== 'done') return
    const gone = window.setTimeout(() => { if (notice.peek() === said) notice.value = null }, STAYS)
    return () => window.clearTimeout(gone)
  }, [said])
  return (
    <p class={`notice ${said?.kind ?? ''}`} role={said?.kind === 'error' ? 'alert' : 'status'} hidden={!said}>
      {said?.text}{' '}
      <button type="button" aria-label={tr('Close this message')} onClick={() => (notice.value = null)}>×</button>
    </p>
  )
}
