// The form that starts a run of the saved file with the pulled levers.

import { useState } from 'preact/hooks'
import { broken, file, isShipped, model, nameOf, saveFile } from '../crisis'
import { Entry, numberIn } from '../parts/fields'
import { useAsking } from '../parts/asking'
import { Working } from '../parts/working'
import { hello, say } from '../session'
import { ahead, given, levers, rationality } from '../setting'
import { tr } from '../texts'
import { shortName, start } from './state'

const SUGGESTED = [256, 512, 1024, 2048, 4096, 8192, 16384]

export function Starting() {
  const [draws, setDraws] = useState('2048')
  const [seed, setSeed] = useState('1')
  const asked = useAsking<string>()
  const at = file.value
  const unsaved = at !== null && (at.dirty || (at.savedSha === null && !isShipped(at.path)))
  const stuck = blocked()
  const most = hello.value?.limits.draws ?? 1_000_000

  async function begin(event: Event): Promise<void> {
    event.preventDefault()
    if (!at || asked.since !== null) return
    if (unsaved && !(await saveFile())) return
    const path = file.value?.path ?? at.path
    const run = await asked.ask((signal) =>
      start({ path, draws: numberIn(draws) ?? 0, seed: numberIn(seed) ?? 0, levers: levers.value }, signal))
    if (run) say(tr('{run} has started.', { run: shortName(run) }))
  }

  return (
    <form class="card starting" onSubmit={(event) => void begin(event)} aria-label={tr('Start a run')}>
      <h3>{at ? tr('Start a run of {crisis}', { crisis: model.value?.title ?? at.path }) : tr('Start a run')}</h3>
      <div class="fields">
        <Entry label={tr('Draws')} kind="number" value={draws} set={setDraws} min={1} max={most} step={1} required
          suggested={SUGGESTED} hint={tr('powers of two are best')} />
        <Entry label={tr('Seed')} kind="number" value={seed} set={setSeed} min={0} step={1} required
          hint={tr('the same seed gives the same draws')} />
        <button class="main" type="submit" disabled={stuck !== null || asked.since !== null}>
          {unsaved ? tr('Save and run') : tr('Run')}
        </button>
      </div>
      <p class="note">
        {[
          levers.value.length
            ? tr('With the levers pulled on See: {levers}.', { levers: levers.value.map((key) => nameOf('levers', key)).join(', ') })
            : tr('No lever is pulled.'),
          (Object.keys(given.value).length > 0 || rationality.value !== null) &&
            tr('Numbers that you hold on See are not part of a run: it draws every one.'),
          ahead.value && tr('A run is from the outset, whatever is supposed on See.'),
          unsaved && !stuck && tr('The file has changes that are not saved; a run is of what is saved.'),
        ].filter(Boolean).join(' ')}
      </p>
      {stuck && <p class="warn">{stuck}</p>}
      <Working asked={asked} what={tr('Starting the run')} />
    </form>
  )
}

/** Why no run can be started now, and what to do; null if one can. */
function blocked(): string | null {
  const at = file.value
  if (!at) return tr('Open a crisis first.')
  if (broken.value) return tr('The file has mistakes: correct what is underlined, then run it.')
  if (isShipped(at.path) && at.dirty) {
    return tr('This crisis came with Offramp: save your changed copy under another name, then run it.')
  }
  return null
}
